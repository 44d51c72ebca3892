import {
  type Cgroup,
  cgroupMembers,
  descendants,
  isAlive,
  isSame,
  type Process,
  type ProcessIdentity,
  processSession,
  pssBytes,
  readProcess,
} from '@berth/host';

/** All that is known to belong to one run, for as long as it lives. */
export type Members = {
  /** Quick: the program, what descends from it, and the control group. */
  look(): readonly Process[];
  /** Also the program's session, for which every process of the machine is looked at. */
  lookEverywhere(): readonly Process[];
};

export type MembersOf = { readonly program: ProcessIdentity | null; readonly cgroup: Cgroup | null };

/**
 * A process that left the program's group and session, and whose parent has ended, is found by its control group, or
 * because it was seen while its parent lived. The shim is not a member, nor what it runs to write down how the program ended.
 */
export const createMembers = ({ program, cgroup }: MembersOf): Members => {
  const seen = new Map<number, number>();

  const gather = (candidates: readonly (Process | null)[]): readonly Process[] => {
    for (const found of candidates) if (found !== null) seen.set(found.pid, found.startTime);
    const living: Process[] = [];
    for (const [pid, startTime] of seen) {
      const now = readProcess(pid);
      if (now !== null && now.startTime === startTime && isAlive(now)) living.push(now);
      else seen.delete(pid);
    }
    return living;
  };
  const near = (): readonly (Process | null)[] => [
    ...(program !== null && isSame(program.pid, program.startTime)
      ? [readProcess(program.pid), ...descendants(program.pid)]
      : []),
    ...(cgroup === null ? [] : cgroupMembers(cgroup).map(readProcess)),
  ];
  const session = (): readonly Process[] => {
    if (program === null) return [];
    // As long as one member lives the kernel gives the number of a session to nobody else; if somebody else has it, all are gone.
    const leader = readProcess(program.pid);
    return leader === null || leader.startTime === program.startTime ? processSession(program.pid) : [];
  };
  return {
    look: () => gather(near()),
    lookEverywhere: () => gather([...near(), ...session()]),
  };
};

/** Resident memory of one process; of several the proportional sizes, since they share their program's pages. */
export const memoryBytesOf = (members: readonly Process[]): number =>
  members.length === 1 && members[0] !== undefined
    ? members[0].rssBytes
    : members.reduce((sum, member) => sum + (pssBytes(member.pid) ?? member.rssBytes), 0);
