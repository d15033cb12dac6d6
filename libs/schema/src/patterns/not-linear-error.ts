/** Says that a pattern can't be matched in linear time. Caught by linear-regexp.ts. */
export class NotLinearError extends Error {}
