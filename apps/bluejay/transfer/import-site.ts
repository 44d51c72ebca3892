/** Reads an archive into a site, one thing after the other: what a run that was killed has done already is found and left. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ContentType } from '../content/content-type.ts';
import { ContentError } from '../content/errors.ts';
import type { MediaDescription } from '../media/media.ts';
import { type ArchiveFile, readArchive, readLines, readText } from './archive-reader.ts';
import { type Destination, type DestinationParts, openDestination } from './destination.ts';
import { notUnderstood, tooMuch } from './errors.ts';
import type { IdMap } from './local-ids.ts';
import { createRecordIntake } from './record-intake.ts';
import { readRecordLine } from './record-line.ts';
import { createReport, type Report } from './report.ts';
import { createFactsIntake, type FactsIntake } from './site-facts.ts';
import { FILES, inOrderOfReferences, LIMITS, SITE_FORMAT, SITE_FORMAT_VERSION, typeOfRecordsFile } from './site-format.ts';
import { asList, asObject, numberIn, own, parseObject, textIn, type Untrusted } from './untrusted.ts';

export type ImportOptions = {
  /** `*.tar.gz`, or the directory of an export. */
  readonly source: string;
  readonly dryRun?: boolean;
  /** Messages and downloads of the file come along. */
  readonly withLeads?: boolean;
};

/** Throws a TransferError when the file is none of ours; what is wrong with a part of it is in the report. */
export const importSite = async (
  parts: DestinationParts,
  { source, dryRun = false, withLeads = false }: ImportOptions,
): Promise<Report> => {
  const report = createReport();
  await using destination = await openDestination(parts, { dryRun });
  const run = startRun(destination, { report, withLeads });
  const types = inOrderOfReferences(destination.content.types);
  const files = readArchive(source, {
    types: types.map(({ name }) => name),
    onOther: (name, kind) => report.leftOut(name, `a ${kind} is not taken`),
  });
  let isFirst = true;
  for await (const file of files) {
    if (isFirst) await checkManifest(file);
    else await run.take(file);
    isFirst = false;
  }
  if (isFirst) throw notUnderstood(`${source} is empty`);
  run.sort();
  await destination.settled();
  return report;
};

const checkManifest = async ({ name, content }: ArchiveFile): Promise<void> => {
  const manifest = name === FILES.manifest ? parseObject(await readText(content, name, MANIFEST_BYTES)) : undefined;
  if (manifest === undefined || own(manifest, 'format') !== SITE_FORMAT)
    throw notUnderstood('this is no exported site', `It begins with ${FILES.manifest}, as “export” writes it.`);
  const version = numberIn(manifest, 'version') ?? 0;
  if (version < 1 || version > SITE_FORMAT_VERSION)
    throw notUnderstood(`the file has format version ${version}, and this release knows ${SITE_FORMAT_VERSION}`);
};

const MANIFEST_BYTES = 2 ** 20;

type Options = { readonly report: Report; readonly withLeads: boolean };

const startRun = (destination: Destination, { report, withLeads }: Options) => {
  const { database, content, now } = destination;
  const records = new Map(content.types.map(({ name }) => [name, new Map<number, { id: number; position: number }>()]));
  const mediaIds = new Map<number, number>();
  const described = new Map<string, { readonly id: number; readonly name: string; readonly about: MediaDescription }>();
  const ids: IdMap = { record: (type, id) => records.get(type)?.get(id)?.id, media: (id) => mediaIds.get(id) };
  const intake = createRecordIntake(destination);
  const facts = createFactsIntake({ database, content, now, ids });
  let taken = 0;

  const takeDescriptions = async (file: ArchiveFile): Promise<void> => {
    for await (const line of objectsOf(file, report)) {
      const id = numberIn(line, 'id');
      const focal = asObject(own(line, 'focal'));
      const [x, y] = [focal && numberIn(focal, 'x'), focal && numberIn(focal, 'y')];
      if (id === undefined || described.size >= LIMITS.files) continue;
      described.set(textIn(line, 'file', 200), {
        id,
        name: textIn(line, 'name', 300),
        about: {
          alt: textIn(line, 'alt', 500),
          isDecorative: own(line, 'isDecorative') === true,
          ...(isPercent(x) && isPercent(y) && { focal: { x, y } }),
        },
      });
    }
  };

  const takeMedia = async ({ name, content: bytes }: ArchiveFile): Promise<void> => {
    const facts = described.get(name);
    if (facts === undefined) return report.leftOut(name, 'nothing says what it is');
    await using place = await temporaryPlace();
    await pipeline(bytes, bounded(name), createWriteStream(place.path, { flags: 'wx', mode: 0o600 }));
    await attempt(report, 'file', facts.name, async () => {
      const { id, outcome } = await destination.addFile({ path: place.path, name: facts.name, about: facts.about });
      mediaIds.set(facts.id, id);
      report.count('file', outcome);
    });
  };

  const takeRecords = async (type: ContentType, file: ArchiveFile): Promise<void> => {
    const known = records.get(type.name) ?? new Map<number, { id: number; position: number }>();
    for await (const line of objectsOf(file, report)) {
      taken += 1;
      if (taken > LIMITS.records) throw tooMuch(`the archive has more than ${LIMITS.records} records`);
      const record = readRecordLine(type, line, ids);
      if (record === undefined || known.has(record.id)) {
        report.refuse(type.name, '', record === undefined ? 'This is no record.' : `Number ${record.id} comes twice.`);
        continue;
      }
      for (const what of record.leftOut) report.leftOut(type.name, what);
      const title = String(record.draft.fields[type.title] ?? '');
      await attempt(report, type.name, title, () => {
        const { id, outcome } = intake.take(type, record);
        known.set(record.id, { id, position: record.position });
        report.count(type.name, outcome);
      });
    }
  };

  const takeFacts = async (file: ArchiveFile, kind: keyof FactsIntake): Promise<void> => {
    for await (const line of objectsOf(file, report))
      await attempt(report, kind, textIn(line, 'slug') || textIn(line, 'name'), () => report.count(kind, facts[kind](line)));
  };

  return {
    async take(file: ArchiveFile): Promise<void> {
      const name = typeOfRecordsFile(file.name);
      const type = content.types.find((each) => each.name === name);
      if (file.name === FILES.media) await takeDescriptions(file);
      else if (file.name.startsWith('media/')) await takeMedia(file);
      else if (type !== undefined) await takeRecords(type, file);
      else if (file.name === FILES.menus) {
        for (const menu of asList(parseList(await readText(file.content, file.name, MANIFEST_BYTES))))
          await attempt(report, 'menu', textIn(asObject(menu) ?? {}, 'name'), () =>
            report.count('menu', facts.menu(asObject(menu) ?? {})),
          );
      } else if (file.name === FILES.redirects) await takeFacts(file, 'redirect');
      else if (file.name !== FILES.submissions && file.name !== FILES.downloads) report.leftOut(file.name, 'it is not known');
      else if (withLeads) await takeFacts(file, file.name === FILES.submissions ? 'submission' : 'download');
      else report.leftOut(file.name, 'personal data comes only with --with-leads');
    },
    /** The order by hand, where everything of a type came with the file; otherwise new ones stand last. */
    sort(): void {
      for (const type of content.types) {
        const came = [...(records.get(type.name)?.values() ?? [])];
        const all = database.prepare(`SELECT count(*) AS n FROM "${type.table}"`).get();
        if (type.kind === 'singleton' || came.length !== Number(all?.['n'])) continue;
        const wanted = came.toSorted((one, other) => one.position - other.position).map(({ id }) => id);
        content.reorder(type, wanted, null);
      }
    },
  };
};

/** Each line that is an object; the others are reported. */
async function* objectsOf(file: ArchiveFile, report: Report): AsyncGenerator<Untrusted> {
  let number = 0;
  for await (const line of readLines(file.content, file.name)) {
    number += 1;
    if (line.trim() === '') continue;
    const object = parseObject(line);
    if (object === undefined) report.refuse('line', `${file.name}:${number}`, 'This is no JSON object.');
    else yield object;
  }
}

/** What the site does not take is reported, and the next one comes; a full disk or a broken database ends the run. */
const attempt = async (report: Report, kind: string, title: string, work: () => void | Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ContentError) || error.statusCode >= 500) throw error;
    report.refuse(kind, title, error.message);
  }
};

const temporaryPlace = async (): Promise<AsyncDisposable & { readonly path: string }> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'bluejay-import-'));
  return {
    path: path.join(directory, randomBytes(6).toString('hex')),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
};

const bounded = (name: string): Transform => {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > LIMITS.mediaBytes) done(tooMuch(`${name} has more than ${LIMITS.mediaBytes / 2 ** 20} MB`));
      else done(null, chunk);
    },
  });
};

const parseList = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
};

const isPercent = (value: number | undefined): value is number => value !== undefined && value >= 0 && value <= 100;
