/** The version of the chaos model that a part of the workers has. */
import { chaosModel } from './chaos-model.ts'

export default chaosModel('1.0.0')
