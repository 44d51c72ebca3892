/** Every kind of page that there is, and how one of each is found on a site that is full. */

type Template = { readonly name: string; readonly path: RegExp };

/** A path of each is looked for among those of a crawl or of the sitemap; the first one that fits is taken. */
const PUBLIC_TEMPLATES: readonly Template[] = [
  { name: 'home', path: /^\/$/ },
  { name: 'products', path: /^\/products$/ },
  { name: 'product-category', path: /^\/products\/[^/?]+$/ },
  { name: 'product', path: /^\/products\/[^/?]+\/[^/?]+$/ },
  { name: 'solutions', path: /^\/solutions$/ },
  { name: 'solution', path: /^\/solutions\/[^/?]+$/ },
  { name: 'blog', path: /^\/blog$/ },
  { name: 'blog-post', path: /^\/blog\/[^/?.]+$/ },
  { name: 'case-studies', path: /^\/case-studies$/ },
  { name: 'case-study', path: /^\/case-studies\/[^/?]+$/ },
  { name: 'whitepapers', path: /^\/whitepapers$/ },
  { name: 'whitepaper', path: /^\/whitepapers\/[^/?]+$/ },
  { name: 'about', path: /^\/about$/ },
  { name: 'partners', path: /^\/partners$/ },
  { name: 'contact', path: /^\/contact$/ },
];

/** Screens of the panel; `:id` is the first record's. */
const PANEL_SCREENS: readonly { readonly name: string; readonly path: string }[] = [
  { name: 'panel-dashboard', path: '/admin/dashboard' },
  { name: 'panel-products', path: '/admin/products' },
  { name: 'panel-product', path: '/admin/products/:id/edit' },
  { name: 'panel-revisions', path: '/admin/products/:id/revisions' },
  { name: 'panel-post', path: '/admin/blog/posts/:id/edit' },
  { name: 'panel-settings', path: '/admin/settings' },
  { name: 'panel-page-sections', path: '/admin/page-sections' },
  { name: 'panel-media', path: '/admin/media' },
  { name: 'panel-media-file', path: '/admin/media/:id/edit' },
  { name: 'panel-navigation', path: '/admin/navigation' },
  { name: 'panel-menu', path: '/admin/navigation/:id' },
  { name: 'panel-messages', path: '/admin/contact/submissions' },
  { name: 'panel-message', path: '/admin/contact/submissions/:id' },
  { name: 'panel-leads', path: '/admin/leads' },
  { name: 'panel-activity', path: '/admin/activity' },
  { name: 'panel-accounts', path: '/admin/accounts' },
  { name: 'panel-account', path: '/admin/account' },
];

/** Name and path; throws for a template of which there is no page. */
export const examplesOf = (paths: Iterable<string>): readonly { readonly name: string; readonly path: string }[] => {
  const known = [...paths];
  return PUBLIC_TEMPLATES.map(({ name, path: pattern }) => {
    const path = known.find((one) => pattern.test(one));
    if (path === undefined) throw new Error(`there is no page of the kind ${name}`);
    return { name, path };
  });
};

/** The screens with the ids of records that are there, from the links of the lists: `pathOf` of a list gives its links. */
export const screensOf = async (
  linksOf: (path: string) => Promise<readonly string[]>,
): Promise<readonly { readonly name: string; readonly path: string }[]> =>
  await Promise.all(
    PANEL_SCREENS.map(async ({ name, path }) => {
      const [list = '', rest = ''] = path.split('/:id');
      if (!path.includes(':id')) return { name, path };
      const one = (await linksOf(list))
        .map((link) => /\/(\d+)(?:\/edit)?$/.exec(link))
        .find((found) => found?.input.startsWith(`${list}/`));
      if (one?.[1] === undefined) throw new Error(`${list} lists no record`);
      return { name, path: `${list}/${one[1]}${rest}` };
    }),
  );
