/** A run, before it is started. */
export interface RunPlan {
  pictures: number;
  /** Pictures of a shard. */
  shardSize: number;
  /** Pictures a second of one slot. */
  rate: number;
  /** Slots of all machines together. */
  slots: number;
  /** Detections of a picture, on average. */
  detections: number;
}

/** What a run takes. */
export interface RunEstimate {
  shards: number;
  /** Of all slots together, until the last shard is done. */
  seconds: number;
  /** Seconds of one shard in one slot: what a lost worker costs at most. */
  shardSeconds: number;
  /** Of the queue's server while all shards wait. */
  queueBytes: number;
  /** Commands that the queue's server runs, a second. */
  queueOperations: number;
  /** Of all parts together, and of the manifest. */
  diskBytes: number;
  /** Of the collector: one part, text and objects, and a number a shard. */
  collectBytes: number;
}

/** A waiting job of ours in Redis 7, and the commands of one, those inside BullMQ's scripts too: bench/scale.ts. */
const JOB_BYTES = 775;
const SHARD_OPERATIONS = 23;
/** A lock is renewed every half of its thirty seconds. */
const RENEWAL_SECONDS = 15;
/** A record without detections, a detection, and a line of the manifest, of our own runs. */
const RECORD_BYTES = 90;
const DETECTION_BYTES = 130;
const MANIFEST_BYTES = 60;
/** Parsed objects take about four times their text. */
const PARSED = 5;
const STATE_BYTES = 40;

/**
 * What a run takes, by the sizes that `docs/jobs.md` measures.
 *
 * @throws RangeError for a number that is none, or below what it can be
 */
export function estimateRun(plan: RunPlan): RunEstimate {
  const { pictures, shardSize, rate, slots, detections } = plan;
  for (const name of ['pictures', 'shardSize', 'rate', 'slots', 'detections'] as const) {
    const least = name === 'pictures' || name === 'detections' ? 0 : Number.MIN_VALUE;
    if (!(typeof plan[name] === 'number' && plan[name] >= least && plan[name] < Infinity))
      throw new RangeError(
        `estimateRun: ${name} must be a number ${least === 0 ? '≥ 0' : 'above 0'}, got ${String(plan[name])}`,
      );
  }
  const shards = Math.ceil(pictures / shardSize);
  const shardSeconds = shardSize / rate;
  const seconds = Math.ceil(shards / slots) * shardSeconds;
  const recordBytes = RECORD_BYTES + detections * DETECTION_BYTES;
  return {
    shards,
    seconds,
    shardSeconds,
    queueBytes: shards * JOB_BYTES,
    queueOperations: (slots / shardSeconds) * SHARD_OPERATIONS + slots / RENEWAL_SECONDS,
    diskBytes: pictures * (recordBytes + MANIFEST_BYTES),
    collectBytes: shardSize * recordBytes * PARSED + shards * STATE_BYTES,
  };
}
