/** A list of stories, page by page, whole or narrowed to one kind by the number of that: `/case-studies?industry=3`. */
import type { ContentType, RecordOf } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { cardGrid } from '../parts/card.ts';
import { type Chip, chips } from '../parts/chips.ts';
import { pageHead } from '../parts/page-head.ts';
import { neighbours, paginate, pagination, pathOfPage } from '../parts/pagination.ts';
import { section } from '../parts/section.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { chosenBy, wrongFilterPage } from './filter-by-id.ts';

/** A kind has a name and a description. */
type Kind = ContentType & {
  readonly fields: { readonly name: { readonly kind: 'text' }; readonly description: { readonly kind: 'textarea' } };
};

export type ListByKind<T extends ContentType, K extends Kind> = {
  readonly path: string;
  readonly title: string;
  readonly label: string;
  /** What stands below the heading when all are shown, or the chosen kind says nothing of itself. */
  readonly text: string;
  /** What is said instead of an empty list. */
  readonly empty: string;
  readonly type: T;
  readonly kind: K;
  /** The field of the type that refers to the kind; the parameter of the address has the same name. */
  readonly by: string;
  readonly kinds: { readonly label: string; readonly all: string };
  readonly colorOf?: (kind: RecordOf<K>) => string;
  readonly card: (context: PageContext, record: RecordOf<T>, headingLevel: 2) => Html;
  /** Below the list. */
  readonly end?: Html;
};

const PER_PAGE = 12;

export const listByKind = <T extends ContentType, K extends Kind>(
  context: PageContext,
  of: ListByKind<T, K>,
): SitePage | undefined => {
  const { view } = context;
  const asked = chosenBy(view, of.kind, context.query(of.by));
  if ('failure' in asked) return asked.failure === 'wrong' ? wrongFilterPage(of.title, of.path) : undefined;
  const { chosen } = asked;
  const where = chosen === undefined ? {} : { [of.by]: chosen.id };
  const pages = paginate(view.count(of.type, { where }), PER_PAGE, context.query('page'));
  if (pages === undefined) return undefined;
  const list = { ...pages, path: of.path, parameters: { [of.by]: chosen && String(chosen.id) } };
  const heading = chosen === undefined ? of.title : `${of.title}: ${chosen.fields.name}`;
  const text = chosen?.fields.description || of.text;
  const records = view.list(of.type, { where, limit: pages.limit, offset: pages.offset });
  return {
    ...neighbours(list),
    title: pages.page === 1 ? heading : `${heading}, page ${pages.page}`,
    description: text,
    breadcrumbs: [
      { label: of.title, path: of.path },
      ...(chosen === undefined ? [] : [{ label: chosen.fields.name, path: pathOfPage(1, list) }]),
    ],
    body: html`${pageHead({ title: heading, label: of.label, text, body: kindChips(context, of, chosen?.id) })}
${section({
  body: [cardGrid(records.map((one) => of.card(context, one, 2))) ?? html`<p class="empty">${of.empty}</p>`, pagination(list)],
})}${of.end !== undefined && html`\n${of.end}`}`,
  };
};

/** Kinds of which there is something. */
const kindChips = <T extends ContentType, K extends Kind>(
  { view }: PageContext,
  of: ListByKind<T, K>,
  chosen: number | undefined,
): Html | undefined => {
  const all = view.list(of.kind).filter(({ id }) => id === chosen || view.count(of.type, { where: { [of.by]: id } }) > 0);
  if (all.length < 2 && chosen === undefined) return undefined;
  const each = all.map(
    (kind): Chip => ({
      label: kind.fields.name,
      ...(of.colorOf !== undefined && { color: of.colorOf(kind) }),
      href: pathOfPage(1, { path: of.path, parameters: { [of.by]: String(kind.id) } }),
      isCurrent: kind.id === chosen,
    }),
  );
  return chips([{ label: of.kinds.all, href: of.path, isCurrent: chosen === undefined }, ...each], of.kinds.label);
};
