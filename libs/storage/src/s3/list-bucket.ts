/** Lists and deletes the objects below a prefix of a bucket, page by page. Called only by S3Store. */
import { DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { ObjectEntry } from '../port/object-info.ts'
import { StorageError } from '../port/storage-error.ts'
import type { S3Bucket } from './s3-bucket.ts'
import { guarded } from './s3-error.ts'

/** The most that S3 takes for one list and for one delete. */
const PAGE_SIZE = 1_000

/**
 * Pages of the objects below a prefix, with keys as the port knows them. Includes the objects that the driver keeps for
 * itself.
 */
export async function* listBucket(
  bucket: S3Bucket,
  prefix: string,
  pageSize = PAGE_SIZE,
): AsyncGenerator<ObjectEntry[]> {
  let token: string | undefined
  do {
    const asked = { Bucket: bucket.name, Prefix: bucket.root + prefix, MaxKeys: pageSize, ContinuationToken: token }
    const page = await guarded(() => bucket.client.send(new ListObjectsV2Command(asked)))
    yield (page.Contents ?? []).flatMap(({ Key, Size, LastModified }) =>
      Key === undefined
        ? []
        : { key: Key.slice(bucket.root.length), size: Size ?? 0, modifiedAt: LastModified?.getTime() ?? 0 },
    )
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token)
}

/**
 * Deletes the objects of the pages that fit, and returns how many. Throws StorageError `unavailable` when any of them
 * remains.
 */
export async function deleteEntries(
  bucket: S3Bucket,
  pages: AsyncIterable<ObjectEntry[]>,
  fits: (key: string) => boolean = () => true,
): Promise<number> {
  let deleted = 0
  for await (const page of pages) {
    const Objects = page.filter(({ key }) => fits(key)).map(({ key }) => ({ Key: bucket.root + key }))
    if (Objects.length === 0) continue
    const command = new DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects, Quiet: true } })
    const answer = await bucket.client.send(command)
    if (answer.Errors?.length) throw new StorageError('unavailable', 'the object store kept some objects')
    deleted += Objects.length
  }
  return deleted
}
