/** A text to try things with. */
import { confirmed } from './dialog.ts';
import { find } from './elements.ts';

export type SampleTarget = {
  text(): string;
  replace(text: string, languageId: string): void;
};

/** A text of so many lines is not thrown away without a question. */
const MANY_LINES = 5;

const SAMPLE = `# Notes of the incident

- [x] 09:12 the alert: checkout is slow
- [x] 09:15 the **database** is fine, the queue is not
- [ ] who restarts the worker?

\`\`\`js
const waiting = jobs.filter((job) => job.state === 'waiting');
console.log(\`\${waiting.length} jobs are waiting\`);
\`\`\`

> Everybody who has the link can write here, at the same time.
`;

export function installSample(target: SampleTarget, signal: AbortSignal): void {
  find('sample', HTMLButtonElement).addEventListener('click', () => void load(target), { signal });
}

async function load(target: SampleTarget): Promise<void> {
  const lines = target.text().split('\n').length;
  const yes =
    lines < MANY_LINES ||
    (await confirmed({
      title: 'Replace the text by the sample?',
      text: `The document has ${lines} lines. They are replaced for everybody; you can undo it.`,
      confirm: 'Load the sample',
    }));
  if (yes) target.replace(SAMPLE, 'markdown');
}
