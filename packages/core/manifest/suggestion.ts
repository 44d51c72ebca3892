/** What people write who come from Compose files, unit files and the like. */
const otherWords: Readonly<Record<string, string>> = {
  cmd: 'run',
  command: 'run',
  start: 'run',
  exec: 'run',
  environment: 'env',
  replicas: 'instances',
  scale: 'instances',
  count: 'instances',
  port: 'listen',
  ports: 'listen',
  depends_on: 'needs',
  after: 'needs',
  healthcheck: 'health',
  resources: 'limits',
  strategy: 'switch',
  name: 'app',
  volumes: 'stores',
  storage: 'stores',
  domains: 'routes',
  hosts: 'routes',
  ingress: 'routes',
  migrate: 'release',
  interval: 'every',
  retries: 'fails',
  grace: 'within',
  timeout: 'within',
  mem: 'memory',
  ram: 'memory',
  cpus: 'cpu',
  nofile: 'files',
  root: 'files',
  service: 'to',
  proxy: 'to',
};

const LONGEST_WORD = 64;

/** The candidate that was probably meant; null when none is close. */
export const nearest = (word: string, candidates: Iterable<string>): string | null => {
  const wanted = word.toLowerCase();
  if (wanted.length === 0 || wanted.length > LONGEST_WORD) return null;
  const known = new Map([...candidates].map((candidate) => [candidate, candidate]));
  for (const [other, ours] of Object.entries(otherWords)) if (known.has(ours) && !known.has(other)) known.set(other, ours);

  // A third of the letters may be wrong: enough for a slip of the finger, too little for another word.
  let best: { candidate: string; distance: number } | null = null;
  for (const [spelling, candidate] of known) {
    const name = spelling.toLowerCase();
    if (Math.abs(name.length - wanted.length) > 4 || name.length > LONGEST_WORD) continue;
    const part = wanted.length >= 3 && (name.endsWith(wanted) || name.startsWith(wanted));
    const distance = part ? 1 : editDistance(wanted, name);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, name.length) / 3));
    if (distance <= allowed && (best === null || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? null;
};

export const didYouMean = (word: string, candidates: Iterable<string>): string | null => {
  const candidate = nearest(word, candidates);
  return candidate === null ? null : `did you mean \`${candidate}\`?`;
};

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
const editDistance = (a: string, b: string): number => {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    before = last;
    last = current;
  }
  return last[b.length] ?? 0;
};
