/** Steps of the replicator behind which it sleeps, long enough for an application to do what would hurt. */
export const FAULT_WINDOWS: readonly string[] = [
  'capture.read:sleep=15',
  'segment.written:sleep=10',
  'segment.stored:sleep=20',
  'position.saved:sleep=10',
  'checkpoint.moved:sleep=30',
  'checkpoint.copied:sleep=30',
  'barrier.captured:sleep=30',
  'barrier.moved:sleep=30',
  'barrier.copied:sleep=30',
  'barrier.unlocked:sleep=30',
  'log.cut:sleep=30',
];
