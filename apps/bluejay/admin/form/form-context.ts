/** What every part of one form is rendered with: what stands in it, what is wrong with it, and what can be chosen. */
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Content } from '../../content/content.ts';
import type { FieldProblem } from '../../content/draft.ts';
import type { Environment } from '../../env.ts';
import { attribute, html, type Html } from '../../html/html.ts';
import { isDescribed, type Media, type MediaFile } from '../../media/media.ts';
import type { AdminFrame } from '../admin-page.ts';
import { titleOf } from '../../content/title.ts';
import type { Inputs } from './inputs.ts';

/** Of more records than these a list to choose from is no help: they are searched. */
export const SEARCHED_FROM = 100;
const NEWEST_FILES = 50;

export type Candidate = { readonly id: number; readonly title: string };

/** What of the site a form needs. */
export type FormParts = {
  readonly admin: Pick<AdminFrame, 'csrfInput'>;
  readonly content: Content;
  readonly env: Pick<Environment, 'baseUrl'>;
  readonly media: Pick<Media, 'find' | 'list'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export type FormContext = {
  readonly content: Content;
  readonly media: FormParts['media'];
  readonly inputs: Inputs;
  /** Messages by path: `name`, `specs.2.value`. */
  readonly problems: ReadonlyMap<string, string>;
  /** By title, at most SEARCHED_FROM; `total` says how many there are. Asked once per form. */
  candidates(type: ContentType): { readonly candidates: readonly Candidate[]; readonly total: number };
  /** The newest of the library. Asked once per form. */
  newest(kind: 'image' | 'any'): readonly MediaFile[];
};

/** Where an input stands: its name, its id in the page, and the path under which its problem is told. */
export type Spot = { readonly name: string; readonly id: string; readonly path: string };

/** What a control is made of. */
export type ControlParts<F> = {
  readonly field: F;
  readonly spot: Spot;
  readonly context: FormContext;
  /** As it stands in the input. */
  readonly value: string;
};

export const createFormContext = (options: {
  readonly content: Content;
  readonly media: FormParts['media'];
  readonly inputs: Inputs;
  readonly problems: readonly FieldProblem[];
}): FormContext => {
  const { content, media, inputs } = options;
  const candidatesOf = new Map<string, ReturnType<FormContext['candidates']>>();
  const newestOf = new Map<string, readonly MediaFile[]>();
  const problems = new Map<string, string>();
  for (const { field, message } of options.problems) problems.set(field, joined(problems.get(field), message));
  return {
    content,
    media,
    inputs,
    problems,
    candidates(type) {
      const known = candidatesOf.get(type.name) ?? readCandidates(content, type);
      candidatesOf.set(type.name, known);
      return known;
    },
    newest(kind) {
      const known = newestOf.get(kind) ?? readNewest(media, kind);
      newestOf.set(kind, known);
      return known;
    },
  };
};

/** @param name as it is sent; ids have no dots, so that selectors need no escaping */
export const spotOf = (name: string, path: string): Spot => ({ name, path, id: `in-${name.replaceAll('.', '-')}` });

export const fieldSpot = (name: string): Spot => spotOf(`field.${name}`, name);

/** @param number the row's; in the template of a new row `__n__`, which the script replaces */
export const childSpot = (list: string, number: number | string, name: string): Spot =>
  spotOf(`child.${list}.${number}.${name}`, `${list}.${number}.${name}`);

/** ` aria-…` of a control: that it is required, what describes it, that it is wrong. Its notes are made by `renderNotes`. */
export const describedBy = (spot: Spot, { problems }: FormContext, about: About): Html => {
  const isWrong = problems.has(spot.path);
  const ids = [
    about.help !== undefined && `${spot.id}-help`,
    about.max !== undefined && `${spot.id}-count`,
    isWrong && `${spot.id}-problem`,
  ].filter((id) => id !== false);
  return html`${attribute('aria-required', about.required === true && 'true')}${attribute(
    'aria-describedby',
    ids.length > 0 && ids.join(' '),
  )}${attribute('aria-invalid', isWrong && 'true')}`;
};

/** Below a control: help, how much of what is allowed was typed, what is wrong. */
export const renderNotes = (spot: Spot, { problems }: FormContext, about: About & { readonly value: string }): Html => {
  const problem = problems.get(spot.path);
  return html`${about.help !== undefined && html`<p class="field-help" id="${spot.id}-help">${about.help}</p>`}${
    about.max !== undefined &&
    html`<p class="field-count" id="${spot.id}-count" data-count-of="${spot.id}" data-max="${about.max}">${[...about.value].length} of ${about.max} characters</p>`
  }${problem !== undefined && html`<p class="field-problem" id="${spot.id}-problem">${problem}</p>`}`;
};

/** What is typed is counted, never cut: a `maxlength` would lose the end of a text that is pasted. */
type About = { readonly help?: string | undefined; readonly required?: boolean | undefined; readonly max?: number | undefined };

/** What a record is called where it can be chosen. */
export const choiceTitle = (type: ContentType, record: AnyRecord): string =>
  record.status === 'published' ? titleOf(type, record) : `${titleOf(type, record)} (${record.status})`;

const joined = (before: string | undefined, message: string): string => (before === undefined ? message : `${before} ${message}`);

/** Pictures that nobody described yet cannot be chosen. */
const readNewest = (media: FormParts['media'], kind: 'image' | 'any'): readonly MediaFile[] => {
  const files: MediaFile[] = [];
  for (let page = 1, pages = 1; page <= pages && files.length < NEWEST_FILES; page += 1) {
    const found = media.list({ page, ...(kind === 'image' && { kind }) });
    files.push(...found.files.filter(isDescribed));
    ({ pages } = found);
  }
  return files.slice(0, NEWEST_FILES);
};

const readCandidates = (content: Content, type: ContentType): ReturnType<FormContext['candidates']> => {
  const { records, total } = content.list(type, {
    perPage: SEARCHED_FROM,
    order: { by: type.title, direction: 'ascending' },
  });
  return { candidates: records.map((record) => ({ id: record.id, title: choiceTitle(type, record) })), total };
};
