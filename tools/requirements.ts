/** What the five guides require, each in a sentence of its own, with who answers it and what shows that. */
import type { ReplayedGuides } from './guide-steps.ts';
import { readText } from './source-tree.ts';
import { testTitles } from './test-titles.ts';

export const ANSWERERS = ['Berth', 'app', 'export', 'documented', 'not yet', 'not applicable'] as const;

export type Requirement = {
  readonly id: string;
  readonly text: string;
  readonly by: (typeof ANSWERERS)[number];
  /** `file › title of a test`, `step guide/id` of a replayed guide, or `document.md#heading`. */
  readonly evidence?: readonly string[];
  /** Why it does not apply, what is still missing, or how ours differs. */
  readonly note?: string;
};

export type Requirements = {
  /** As in the ids: `K` of `K-1`. */
  readonly letter: string;
  readonly title: string;
  /** One phrase: what kind of application the guide deploys. */
  readonly about: string;
  readonly sections: readonly { readonly heading: string; readonly requirements: readonly Requirement[] }[];
};

/** Each guide with the number of its requirements: one that is forgotten would not be missed otherwise. */
export const GUIDES = { kolabpad: 105, bluejay: 103, imageboard: 71, freshtrack: 113, launchdb: 62 } as const;
export type GuideName = keyof typeof GUIDES;
export const GUIDE_NAMES = Object.keys(GUIDES) as readonly GuideName[];

export const readRequirements = (guide: GuideName): Requirements =>
  JSON.parse(readText(`docs/requirements/${guide}.json`)) as Requirements;

export const requirementsOf = ({ sections }: Requirements): readonly Requirement[] =>
  sections.flatMap(({ requirements }) => requirements);

/** Answered: something that exists shows it, by a test or, where words are what is asked for, by a document. */
export const isAnswered = ({ by }: Requirement): boolean => by !== 'not yet' && by !== 'not applicable';

/** What evidence is looked for in. */
export type Repository = {
  /** A file of the repository, null where there is none. */
  readonly textOf: (file: string) => string | null;
  readonly replayed: ReplayedGuides;
};

/** What is wrong with the requirements of a guide that has `count` of them. */
export const problemsOf = (requirements: Requirements, count: number, repository: Repository): readonly string[] => {
  const rows = requirementsOf(requirements);
  const wanted = Array.from({ length: count }, (_, index) => `${requirements.letter}-${index + 1}`);
  const ids = rows.map(({ id }) => id);
  return [
    ...wanted.filter((id) => !ids.includes(id)).map((id) => `${id} is missing`),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} is there twice`),
    ...ids.filter((id) => !wanted.includes(id)).map((id) => `${id} is none of the guide`),
    ...rows.flatMap((row) => problemsOfRow(row, repository).map((problem) => `${row.id}: ${problem}`)),
  ];
};

function problemsOfRow(row: Requirement, repository: Repository): readonly string[] {
  const { text, by, evidence = [], note = '' } = row;
  const problems = evidence.flatMap((each) => problemOfEvidence(each, repository) ?? []);
  if (!ANSWERERS.includes(by)) problems.push(`“${by}” answers nothing`);
  if (!/^[^\n]{15,}\.$/.test(text)) problems.push('its text is no sentence');
  if (by === 'documented' && !evidence.some((each) => kindOf(each) === 'document')) problems.push('no document is named');
  if (['Berth', 'app', 'export'].includes(by) && !evidence.some((each) => kindOf(each) !== 'document'))
    problems.push('no test is named');
  if (!isAnswered(row) && evidence.length > 0) problems.push(`it is ${by}, and names evidence`);
  if (by === 'not applicable' && note.length < 15) problems.push('it does not say why');
  return problems;
}

/** `document` shows that something is written; the others that something happens. */
export const kindOf = (evidence: string): 'test' | 'step' | 'document' =>
  evidence.startsWith('step ') ? 'step' : evidence.includes(' › ') ? 'test' : 'document';

function problemOfEvidence(evidence: string, { textOf, replayed }: Repository): string | undefined {
  const kind = kindOf(evidence);
  if (kind === 'step') {
    const [guide = '', id = ''] = evidence.slice('step '.length).split('/');
    return replayed[guide as GuideName]?.replayed[id] === undefined ? `step ${id} of ${guide} was not replayed` : undefined;
  }
  const [file = '', ...rest] = evidence.split(kind === 'document' ? '#' : ' › ');
  const name = rest.join(' › ');
  const source = textOf(file);
  if (source === null) return `there is no ${file}`;
  if (kind === 'document') return headingAnchors(source).includes(name) ? undefined : `${file} has no heading #${name}`;
  return testTitles(source).includes(name) ? undefined : `${file} has no test “${name}”`;
}

/** The anchors that a forge gives to the headings of a Markdown document. */
export const headingAnchors = (markdown: string): string[] =>
  [...markdown.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
