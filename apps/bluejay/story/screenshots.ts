/**
 * Pictures of the demo site and of its panel, for the guide: `node apps/bluejay/story/screenshots.ts [DIRECTORY]`, from the top of
 * the repository; without a directory into `docs/bluejay`. Takes some minutes; it starts a site of its own and ends it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import sharp from 'sharp';
import { ADMIN, type AppProcess } from '../testing/app-process.ts';
import { copyApp } from './testing/app-copy.ts';
import { logIn } from './testing/panel-steps.ts';
import { examplesOf, screensOf } from './testing/templates.ts';
import { openBrowser, openVisitor, type Visitor } from './testing/visitor.ts';

const WINDOWS = [
  { name: 'desk', viewport: { width: 1280, height: 800 } },
  { name: 'phone', viewport: { width: 390, height: 844 } },
] as const;
/** What is below is cut off. */
const MOST_HEIGHT = 1_600;
const QUALITY = 55;

async function main(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await using copy = await copyApp();
  await using app = await copy.open();
  await app.command(['demo']);
  const browser = await openBrowser();
  try {
    const pages = await pagesOf(app);
    for (const { name: window, viewport } of WINDOWS) {
      await using visitor = await openVisitor({ browser, url: app.url, viewport });
      const { page } = visitor;
      for (const { name, path: address } of pages.site)
        await shoot(page, { address, file: path.join(directory, `${name}-${window}.webp`) });
      await shoot(page, { address: '/admin/login', file: path.join(directory, `panel-login-${window}.webp`) });
      await logIn(page, ADMIN);
      for (const { name, path: address } of pages.panel)
        await shoot(page, { address, file: path.join(directory, `${name}-${window}.webp`) });
    }
  } finally {
    await browser.close();
  }
}

const pagesOf = async (app: AppProcess) => {
  using panel = await app.panel();
  const sitemaps = pathsOf(await (await fetch(`${app.url}/sitemap.xml`)).text());
  const listed = await Promise.all(sitemaps.map(async (sitemap) => pathsOf(await (await fetch(app.url + sitemap)).text())));
  return {
    site: [
      ...examplesOf(listed.flat()),
      { name: 'search', path: '/search?q=sensor' },
      { name: 'missing', path: '/no-such-page' },
    ],
    panel: await screensOf(async (address) =>
      [...(await panel.page(address)).matchAll(/href="([^"]+)"/g)].map(([, link = '']) => link),
    ),
  };
};

const pathsOf = (xml: string): readonly string[] =>
  [...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address = '']) => new URL(address).pathname);

const shoot = async (
  page: Visitor['page'],
  { address, file }: { readonly address: string; readonly file: string },
): Promise<void> => {
  await page.goto(address);
  // Pictures further down load when they come near; the ones that the picture shows have to be there.
  await page.evaluate(`(async () => {
    for (const image of document.images) image.loading = 'eager';
    await Promise.all([document.fonts.ready, ...[...document.images].map((image) => image.decode().catch(() => undefined))]);
  })()`);
  const { width } = page.viewportSize() ?? { width: 0 };
  const height = await page.evaluate<number>('document.documentElement.scrollHeight');
  const shot = await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, MOST_HEIGHT) } });
  await writeFile(file, await sharp(shot).webp({ quality: QUALITY, effort: 6 }).toBuffer());
};

await main(process.argv[2] ?? path.join(import.meta.dirname, '../../../docs/bluejay'));
