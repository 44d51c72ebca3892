/** The site of a company that does not exist, complete enough to look at everything. */
import { CONTENT_TYPES, productCategory, siteSettings } from '../../types/index.ts';
import { type DestinationParts, openDestination } from '../destination.ts';
import { TransferError } from '../errors.ts';
import { SITE } from './company.ts';
import { openDemoSite } from './demo-site.ts';
import { makeProducts, makeSolutions, makeStories } from './make-catalogue.ts';
import { makeCompany, makeMenus, makePartners, makeSettings } from './make-company.ts';
import { makeLeads } from './make-leads.ts';
import { makePosts, makeWhitepapers } from './make-writing.ts';

/**
 * Makes it, or finishes what was begun: nothing is there twice. Refuses to mix it with a site of somebody's own, unless `force`.
 * Returns how many records of all types there are.
 */
export const makeDemo = async (
  parts: DestinationParts,
  { force = false }: { readonly force?: boolean } = {},
): Promise<number> => {
  const { content } = parts;
  const isDemo = content.single(siteSettings).fields.siteName === SITE.siteName;
  const used = CONTENT_TYPES.find(
    (type) => type.kind === 'collection' && (type.seeds ?? []).length < content.list(type, { perPage: 1 }).total,
  );
  if (used !== undefined && !isDemo && !force)
    throw new TransferError(
      'TRANSFER_NOT_EMPTY',
      `this site has content (${used.label.many.toLowerCase()})`,
      'Use a new database, or --force to add the demo to it.',
    );
  await using destination = await openDestination(parts, { dryRun: false });
  // Days are counted from the first run, so that another one finds what it made.
  const [oldest] = content.list(productCategory, { order: { by: 'createdAt', direction: 'ascending' }, perPage: 1 }).records;
  const todayMs =
    oldest !== undefined && isDemo ? oldest.createdAtMs + 400 * 86_400_000 : Math.floor(parts.now() / 3_600_000) * 3_600_000;
  await using site = await openDemoSite(destination, todayMs);
  makeSettings(site);
  const products = await makeProducts(site);
  const industries = await makeSolutions(site, products);
  await makeStories(site, products, industries);
  await makePosts(site, products);
  const whitepapers = await makeWhitepapers(site);
  await makePartners(site);
  await makeCompany(site);
  makeMenus(destination);
  makeLeads(destination, todayMs, whitepapers);
  await destination.settled();
  return CONTENT_TYPES.reduce((sum, type) => sum + content.list(type, { perPage: 1 }).total, 0);
};
