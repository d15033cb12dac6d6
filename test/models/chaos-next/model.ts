/** The version of the chaos model that the other part of the workers has. */
import { chaosModel } from '../chaos/chaos-model.ts'

export default chaosModel('2.0.0')
