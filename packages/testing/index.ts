export { createFakeClock, type FakeClock } from './clock.ts';
export { freePorts } from './free-ports.ts';
export { createRandom, type Random } from './random.ts';
export { type Answer, type RecordedResult, type RecordingExec, recordingExec } from './recording-exec.ts';
export { TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';
export { type WaitOptions, waitUntil } from './wait-until.ts';
