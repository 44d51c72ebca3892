type Needs = ReadonlyMap<string, readonly string[]>;

/** Names so that each comes after what it needs, otherwise in the order given. Needs that are not among them do not count. */
export const startOrder = (needs: Needs): string[] => {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const need of needs.get(name) ?? []) if (needs.has(need)) visit(need);
    order.push(name);
  };
  for (const name of needs.keys()) visit(name);
  return order;
};

/** Circles of needs, each once: a service that needs itself is a circle of one. */
export const findCycles = (needs: Needs): string[][] => {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (name: string): void => {
    const start = trail.indexOf(name);
    if (start !== -1) {
      cycles.push(trail.slice(start));
      return;
    }
    if (done.has(name)) return;
    trail.push(name);
    for (const need of needs.get(name) ?? []) if (needs.has(need)) visit(need);
    trail.pop();
    done.add(name);
  };
  for (const name of needs.keys()) visit(name);
  return cycles;
};
