/** @see https://github.com/distribution/reference/blob/main/regexp.go */
const PART = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*';
/** An image's reference, with its tag and its digest. */
export const IMAGE = new RegExp(
  `^(?:[A-Za-z0-9.-]+(?::\\d+)?/)?${PART}(?:/${PART})*(?::(\\w[\\w.-]{0,127}))?(?:@([a-z0-9]+:[0-9a-f]+))?$`,
);

/** Whether a container runtime takes it as an image's reference. */
export function isImage(image: unknown): image is string {
  return typeof image === 'string' && IMAGE.test(image);
}
