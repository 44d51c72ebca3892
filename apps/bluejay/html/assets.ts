/** Where the built scripts, styles and fonts are: names with a hash of their content, from the build's manifest. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What the build makes from `page/`. */
export type AssetName =
  | 'site.ts'
  | 'admin.ts'
  | 'rich-text.ts'
  | 'site.css'
  | 'admin.css'
  | 'site/fonts/jetbrains-mono.woff2'
  | 'site/fonts/inter.woff2';

export const BUILT = path.join(import.meta.dirname, '..', 'dist');

type Manifest = Readonly<Record<string, { readonly file: string }>>;

let manifest: Manifest | undefined;

/** Path for a page: `/public/site-Ab3dE.css`. Before the first build (tests) the plain name, which nothing answers. */
export const assetPath = (name: AssetName): string => `/public/${(manifest ??= readManifest())[name]?.file ?? name}`;

const readManifest = (): Manifest => {
  try {
    return JSON.parse(readFileSync(path.join(BUILT, 'manifest.json'), 'utf8')) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
};
