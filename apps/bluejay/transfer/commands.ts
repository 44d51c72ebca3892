/** Commands that take sites along, in and out. */
import { readFile, stat } from 'node:fs/promises';
import type { Command } from '../command.ts';
import { type ForeignBlog, MOST_BYTES } from './blogs/blog.ts';
import { readGhost } from './blogs/ghost.ts';
import { importBlog } from './blogs/import-blog.ts';
import { openLocalFiles } from './blogs/local-files.ts';
import { readWordPress } from './blogs/wordpress.ts';
import { type DestinationParts, openDestination } from './destination.ts';
import { createReport, type Report } from './report.ts';
import { makeDemo } from './demo/make-demo.ts';
import { TransferError, tooMuch } from './errors.ts';
import { exportSite } from './export-site.ts';
import { importSite } from './import-site.ts';

export const transferCommands: Readonly<Record<string, Command>> = {
  export: {
    usage: 'export FILE.tar.gz|DIRECTORY [--with-leads]',
    does: 'writes all content, menus and files; with --with-leads what visitors sent, too (personal data)',
    async run({ positionals: [target], values, parts }) {
      if (target === undefined) throw missing('Say where to: export site.tar.gz');
      const { records, media } = await exportSite(parts, { target, withLeads: values['with-leads'] === true });
      const total = Object.values(records).reduce((sum, count) => sum + count, 0);
      return [`${target}: ${total} records, ${media} files of the library`];
    },
  },
  import: {
    usage: 'import FILE.tar.gz|DIRECTORY [--dry-run] [--with-leads]',
    does: 'brings an exported site into this one; what is there already is brought to what the file says, or left',
    async run({ positionals: [source], values, parts }) {
      if (source === undefined) throw missing('Say which one: import site.tar.gz');
      const dryRun = values['dry-run'] === true;
      const report = await importSite(parts, { source, dryRun, withLeads: values['with-leads'] === true });
      return report.lines({ dryRun });
    },
  },
  'import-wordpress': {
    usage: 'import-wordpress FILE.xml [--media UPLOADS] [--as-published] [--dry-run]',
    does: 'brings posts and pages of a WordPress export; as drafts, unless told otherwise; pictures from a copy of wp-content/uploads',
    run: ({ positionals: [source], values, parts }) =>
      runBlogImport(parts, {
        source,
        dryRun: values['dry-run'] === true,
        directory: values['media'],
        markers: ['/wp-content/uploads/'],
        read: (text, report) => readWordPress(text, { asPublished: values['as-published'] === true, report }),
      }),
  },
  'import-ghost': {
    usage: 'import-ghost FILE.json [--content CONTENT] [--dry-run]',
    does: 'brings posts of a Ghost export; pictures from a copy of its content directory',
    run: ({ positionals: [source], values, parts }) =>
      runBlogImport(parts, {
        source,
        dryRun: values['dry-run'] === true,
        directory: values['content'],
        markers: ['/content/'],
        read: readGhost,
      }),
  },
  demo: {
    usage: 'demo [--force]',
    does: 'makes the site of a company that does not exist, to look at and to try things',
    async run({ values, parts, say }) {
      say('Drawing the pictures of the demo and making their sizes, which takes a minute or two …');
      return [`${await makeDemo(parts, { force: values['force'] === true })} records are there`];
    },
  },
};

type BlogImport = {
  readonly source: string | undefined;
  readonly dryRun: boolean;
  readonly directory: string | boolean | undefined;
  readonly markers: readonly string[];
  readonly read: (text: string, report: Report) => ForeignBlog;
};

const runBlogImport = async (
  parts: DestinationParts,
  { source, dryRun, directory, markers, read }: BlogImport,
): Promise<readonly string[]> => {
  if (source === undefined) throw missing('Say which file.');
  const facts = await stat(source).catch(() => undefined);
  if (facts?.isFile() !== true) throw new TransferError('TRANSFER_NO_FILE', `there is no file ${source}`);
  if (facts.size > MOST_BYTES)
    throw tooMuch(`${source} has more than ${MOST_BYTES / 2 ** 20} MB; export it in parts, say by year`);
  const report = createReport();
  const blog = read(await readFile(source, 'utf8'), report);
  const files = await openLocalFiles(typeof directory === 'string' ? directory : undefined, markers);
  await using destination = await openDestination(parts, { dryRun });
  await importBlog(destination, blog, { files, report });
  await destination.settled();
  return report.lines({ dryRun });
};

const missing = (hint: string): TransferError => new TransferError('TRANSFER_USAGE', 'a word is missing', hint);
