interface AwsError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Whether an object is not there; not so when its whole bucket isn't. */
export function isMissing(error: unknown): boolean {
  const { name } = error as AwsError;
  return name === 'NoSuchKey' || name === 'NotFound';
}

/** S3's names of what a user can cure. A HEAD has none but its status. */
const CURES: readonly (readonly [RegExp, (bucket: string) => string])[] = [
  [/^NoSuchBucket$/, (bucket) => `there is no bucket ${bucket}; create it, or check its name`],
  [
    /^CredentialsProviderError$/,
    () => 'no keys for it are known here; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
  ],
  [
    /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|InvalidClientTokenId)$/,
    () => 'the keys are refused; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
  ],
  [
    /^(AccessDenied|403)$/,
    () =>
      'not allowed; these keys need s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload there',
  ],
  [/^(PermanentRedirect|301)$/, () => 'the bucket is in another region; set AWS_REGION to it'],
];

/** What the user can do about it. */
export function explained(path: string, error: unknown, bucket: string): unknown {
  const { name, message, code, $metadata } = error as AwsError;
  if (message.startsWith('Region is missing'))
    return new Error(`${path}: no region is known here; set AWS_REGION`, { cause: error });
  const names = [name, String($metadata?.httpStatusCode)];
  const cure = CURES.find(([pattern]) => names.some((each) => pattern.test(each)))?.[1](bucket);
  if (cure !== undefined) return new Error(`${path}: ${cure}`, { cause: error });
  if (code !== undefined && NETWORK.has(code)) {
    const check = 'check AWS_ENDPOINT_URL_S3 and AWS_REGION, and that this machine may reach it';
    return new Error(`${path}: the object storage doesn't answer (${code}); ${check}`, { cause: error });
  }
  return $metadata === undefined ? error : new Error(`${path}: ${name}: ${message}`, { cause: error });
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ECONNRESET',
  'EHOSTUNREACH',
]);
