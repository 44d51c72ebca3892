export type RecordedResult = { exitCode: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

/** Answers part of a result; the rest is "ended with 0 and said nothing". */
export type Answer = (
  argv: readonly string[],
  options: object,
) => Partial<RecordedResult> | undefined | Promise<Partial<RecordedResult> | undefined>;

/** Fits wherever a package takes an `Exec`. */
export type RecordingExec = {
  (argv: readonly string[], options?: object): Promise<RecordedResult>;
  readonly calls: readonly { readonly argv: readonly string[]; readonly options: object }[];
};

/** Runs nothing and remembers what it was asked to run. */
export const recordingExec = (answer: Answer = () => undefined): RecordingExec => {
  const calls: { argv: readonly string[]; options: object }[] = [];
  const run = async (argv: readonly string[], options: object = {}): Promise<RecordedResult> => {
    calls.push({ argv, options });
    return { exitCode: 0, signal: null, stdout: '', stderr: '', ...(await answer(argv, options)) };
  };
  return Object.assign(run, { calls });
};
