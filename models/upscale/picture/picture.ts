/** Between image files and plain pixels. The only file of this model that knows sharp. */
import sharp, { type Metadata, type Sharp } from 'sharp'
import { RefusedImageError } from './refused-image-error.ts'

/** Pixels of the largest picture taken: 2,000 x 2,000. Twice that is 16 million pixels to make, or 64 at scale 4. */
export const MAX_PIXELS = 4_000_000

/** Formats as the decoder names them; `heif` is AVIF. */
const FORMATS = ['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif']

export interface Picture {
  width: number
  height: number
  /** Three bytes a pixel, row by row: red, green, blue in sRGB. */
  rgb: Uint8Array
  /** One byte a pixel, 255 is opaque. Absent when the whole picture is opaque by its format. */
  alpha?: Uint8Array
}

/**
 * Decodes a picture and turns it upright as its EXIF data says; of an animation, the first frame.
 * Throws RefusedImageError when it is broken, too large or of another format.
 */
export async function decodePicture(bytes: Buffer): Promise<Picture> {
  // Before it is even looked at: a small packed drawing takes long to unpack.
  sharp.block({ operation: ['VipsForeignLoadSvg'] })
  const { hasAlpha } = checked(await readable(() => sharp(bytes, { limitInputPixels: false }).metadata()))
  const upright = () => sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' }).autoOrient()
  const { data: rgb, info } = await readable(() => rawBytes(upright().removeAlpha().toColourspace('srgb')))
  const picture = { width: info.width, height: info.height, rgb }
  if (!hasAlpha) return picture
  const { data: alpha } = await readable(() => rawBytes(upright().toColourspace('srgb').extractChannel('alpha')))
  return { ...picture, alpha }
}

/** The picture as PNG, in 8 bits a channel. */
export async function encodePng({ width, height, rgb, alpha }: Picture): Promise<Buffer> {
  const opaque = sharp(rgb, { raw: { width, height, channels: 3 } })
  const whole = alpha ? opaque.joinChannel(Buffer.from(alpha), { raw: { width, height, channels: 1 } }) : opaque
  return whole.png().toBuffer()
}

/** Stretches one channel by cubic interpolation: the network knows colours only. */
export async function stretchChannel(
  channel: Uint8Array,
  { width, height }: { width: number; height: number },
  scale: number,
): Promise<Uint8Array> {
  const stretched = sharp(channel, { raw: { width, height, channels: 1 } })
    .resize(width * scale, height * scale, { fit: 'fill', kernel: 'cubic' })
    .toColourspace('b-w')
  return (await rawBytes(stretched)).data
}

function checked(metadata: Metadata): Metadata {
  const { format, width, height } = metadata
  if (!FORMATS.includes(format)) throw new RefusedImageError(`the format ${format} is not one of ${FORMATS.join(', ')}`)
  if (width * height <= MAX_PIXELS) return metadata
  throw new RefusedImageError(
    `the image has ${width} x ${height} pixels, and at most ${MAX_PIXELS.toLocaleString('en')} are taken`,
  )
}

const rawBytes = (image: Sharp) => image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })

async function readable<Result>(decode: () => Promise<Result>): Promise<Result> {
  try {
    return await decode()
  } catch (error) {
    // The decoder's own words hold nothing of the picture; later lines only repeat the first.
    const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]
    throw new RefusedImageError(`the image cannot be read: ${reason}`, { cause: error })
  }
}
