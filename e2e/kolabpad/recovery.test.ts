/**
 * The machine is lost while people type into pads, one of them locked. On an empty machine the kit and a target bring back what
 * they were told is stored, and they go on where they were, with what they typed meanwhile.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createS3Server, S3_TEST_CREDENTIALS, temporaryDirectory } from '@berth/testing';
import { parseOperation } from '../../apps/kolabpad/domain/operation.ts';
import { berth } from '../harness/command.ts';
import { EmptyMachine, loseMachine } from '../harness/machines.ts';
import { killProcess, processesOfHome } from '../harness/processes.ts';
import { findRecovered, type ToldRecovery, untilRecoverable } from '../harness/recovering.ts';
import { BerthPad } from './berth-pad.ts';
import { Crowd } from './crowd.ts';
import type { Editor } from './editor.ts';
import { type Returned, Witness } from './recovery-witness.ts';
import { codePoints } from './typing.ts';
import { judgeConvergence, type ServedText } from './verdict.ts';

const isTorture = process.env.BERTH_DOSE === 'torture';
const SEED = Number(process.env.BERTH_SEED ?? Date.now() % 1_000_000);
const DOSE = isTorture
  ? { editors: 100, documents: 20, pauseMs: 400, edits: 3_000 }
  : { editors: 9, documents: 3, pauseMs: 80, edits: 300 };
const HOST = 'kolabpad.localhost';

type Target = { readonly url: string; readonly env: Readonly<Record<string, string>> };

test('what people type comes back from a directory', async (t) => {
  await using target = await temporaryDirectory();
  await story(t, { url: `dir:${target.join('vault')}`, env: {} });
});

test('what people type comes back from S3', async (t) => {
  await using s3 = await createS3Server({ buckets: ['backup'] });
  const { accessKeyId, secretAccessKey } = S3_TEST_CREDENTIALS;
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  await story(t, { url: `s3://backup/berth?endpoint=${s3.endpoint}`, env });
});

async function story(t: TestContext, { url, env }: Target): Promise<void> {
  t.diagnostic(`seed ${SEED}`);
  await using directory = await temporaryDirectory();
  const kitFile = directory.join('kit.txt');
  await using pad = await BerthPad.open('prepared');
  await using machine = await EmptyMachine.open();
  const onOld = async (words: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await berth(pad.platform.home, words, { env });
    assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`);
  };
  await onOld(['target', 'add', url, '--name', 'far', '--json']);
  await onOld(['kit', '--out', kitFile, '--json']);

  const tokens = new Map<string, string>();
  let port = pad.platform.httpPort;
  const address = (document: string, editor: number) => {
    const { url: known, options } = pad.address(document, editor);
    const reached = new URL(known);
    reached.port = String(port);
    const token = tokens.get(document);
    if (token !== undefined) reached.searchParams.set('otp', token);
    return { url: reached.href, options };
  };
  using crowd = new Crowd({ ...DOSE, seed: SEED, address });
  using witness = new Witness(crowd);
  await crowd.connect();
  const [open = '', locked = ''] = crowd.documents;
  tokens.set(locked, await lock(port, crowd.of(locked)[0]));
  crowd.startTyping();
  await untilRecoverable(machine, kitFile, 1);
  await crowd.more(DOSE.edits);

  const lostAtMs = await lose(pad);
  crowd.stopTyping();
  const hurried = crowd.editors.flatMap(unstored);
  const written = crowd.editors.flatMap((editor) => [1, 2, 3].map((number) => writeOn(editor, number)));
  const recovering = performance.now();
  const words = ['recover', kitFile, '--yes', '--take-over', '--json', '--http', String(machine.httpPort)];
  const { code, stdout, stderr } = await machine.berth(words);
  assert.equal(code, 0, `${stdout.slice(-4_000)}${stderr}`);
  const tookMs = performance.now() - recovering;

  assert.equal((await ask(machine.httpPort, `/api/text/${locked}`)).status, 401, 'what was locked is locked');
  assert.equal((await ask(machine.httpPort, `/api/text/${locked}?otp=wrongwrong12`)).status, 401);
  const served = await readAll(machine.httpPort, crowd.documents, tokens);
  const answeredMs = performance.now() - recovering;
  const database = join(machine.home, 'apps/kolabpad/stores/db/kolabpad.db');
  const returned = witness.judge({ lostAtMs, served, database });
  tell(t, { returned, recovered: readRecovered(stdout), tookMs, answeredMs });
  assert.deepEqual(returned.wrong, []);
  assert.ok(returned.promised > DOSE.edits / 2 && returned.compared > 0, 'there was something to look at');

  // Nobody has closed a page: they come back by themselves, with what they typed in vain.
  port = machine.httpPort;
  for (const editor of crowd.editors) editor.retryNow();
  await crowd.allLive(60_000);
  await crowd.drain();
  const merged = await readAll(port, crowd.documents, tokens);
  const times = ({ document, words }: Kept) => (merged.get(document)?.text ?? '').split(words).length - 1;
  const wrong = [...written.filter((it) => times(it) !== 1), ...hurried.filter((it) => times(it) > 1)];
  assert.deepEqual([...judgeConvergence(crowd, merged), ...wrong], [], 'what was typed without a machine is there, once');
  const unexpected = crowd.troubles.filter((trouble) => !/merged by difference/.test(trouble));
  assert.deepEqual(unexpected, [], 'texts that were further than what came back are merged, and nobody sees worse');
  t.diagnostic(`${crowd.troubles.length} of ${crowd.editors.length} had to be merged by difference`);

  crowd.startTyping();
  await crowd.more(DOSE.edits / 3);
  await crowd.drain();
  assert.deepEqual(judgeConvergence(crowd, await readAll(port, crowd.documents, tokens)), []);
  assert.notEqual((await ask(port, `/api/text/${open}`)).body, served.get(open)?.text, 'the pads go on');
}

/** Everything at once, as without power, and the disk with it; answers with the moment, of `Date.now()`. */
async function lose(pad: BerthPad): Promise<number> {
  const pids = processesOfHome(pad.platform.home);
  // What has come in while we looked counts from before.
  for (let turn = 0; turn < 3; turn += 1) await setImmediate();
  const lostAtMs = Date.now();
  for (const pid of pids) killProcess(pid);
  await loseMachine(pad.platform);
  assert.equal(existsSync(pad.database), false);
  return lostAtMs;
}

type Answer = { readonly status: number; readonly body: string; readonly revision: number };

/** One request to the edge of a machine. */
async function ask(port: number, path: string, post?: object): Promise<Answer> {
  const headers = { host: HOST, ...(post && { 'content-type': 'application/json' }) };
  const asking = request({ host: '127.0.0.1', port, path, agent: false, headers, method: post ? 'POST' : 'GET' });
  asking.end(post && JSON.stringify(post));
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const revision = Number(response.headers['x-revision'] ?? -1);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8'), revision };
}

/** As the page does it; answers with the token, without which nobody comes in any more. */
async function lock(port: number, editor: Editor | undefined): Promise<string> {
  const { user, ticket } = editor?.session.welcome ?? {};
  const body = { user_id: user, user_name: editor?.name, ticket };
  const answer = await ask(port, `/api/document/${editor?.document}/protect`, body);
  assert.equal(answer.status, 200, answer.body);
  return (JSON.parse(answer.body) as { otp: string }).otp;
}

async function readAll(
  port: number,
  documents: readonly string[],
  tokens: ReadonlyMap<string, string>,
): Promise<Map<string, ServedText>> {
  const texts = new Map<string, ServedText>();
  for (const document of documents) {
    const token = tokens.get(document);
    const { status, body, revision } = await ask(port, `/api/text/${document}${token === undefined ? '' : `?otp=${token}`}`);
    assert.equal(status, 200, `${document}: ${body.slice(0, 200)}`);
    texts.set(document, { text: body, revision });
  }
  return texts;
}

type Kept = { readonly document: string; readonly words: string };

/** Words on somebody's screen that the server has not said to be stored. */
const unstored = ({ habit, typed, document, session }: Editor): Kept[] => {
  const { confirmed } = session.save();
  const own = habit === 'words' ? [...typed] : [];
  return own.flatMap((words) => (session.text.includes(words) && !confirmed.includes(words) ? [{ document, words }] : []));
};

/**
 * At the end, in letters that nothing else has. Texts are merged by their difference where the server knows less than it said:
 * then a word that looks like the one beside it may be taken for it, and be cut; one like no other never is.
 */
const writeOn = ({ name, document, session }: Editor, number: number): Kept => {
  const words = `Q${inLetters(name.slice(1))}X${inLetters(String(number))}R`;
  session.edit(parseOperation([codePoints(session.text), words]));
  return { document, words };
};

const inLetters = (digits: string): string => digits.replaceAll(/\d/g, (digit) => 'ABCDEFGHIJ'.charAt(Number(digit)));

function readRecovered(stdout: string): ToldRecovery {
  const told = findRecovered(stdout);
  assert.equal(told?.ok, true, stdout.slice(-4_000));
  return told;
}

type Figures = {
  readonly returned: Returned;
  readonly recovered: ToldRecovery;
  readonly tookMs: number;
  readonly answeredMs: number;
};

function tell(t: TestContext, { returned, recovered, tookMs, answeredMs }: Figures): void {
  const { acknowledged, promised, newestBackMs, gone, oldestGoneMs, compared } = returned;
  t.diagnostic(`${acknowledged} edits acknowledged, ${promised} of them a second before the loss; ${compared} texts compared`);
  t.diagnostic(`the newest edit that came back was acknowledged ${newestBackMs} ms before the loss`);
  t.diagnostic(gone === 0 ? 'none is missing' : `${gone} are missing, the oldest acknowledged ${oldestGoneMs} ms before it`);
  const { fetchMs, startMs } = recovered.times;
  t.diagnostic(
    `recovered in ${Math.round(tookMs)} ms, of which fetched ${Math.round(fetchMs)} ms and started ${Math.round(startMs)} ms`,
  );
  t.diagnostic(`every pad was read ${Math.round(answeredMs)} ms after the command was typed`);
  for (const { what, app, name, bytes, ms } of recovered.parts)
    t.diagnostic(`${what} ${app ?? ''} ${name}: ${bytes ?? 0} bytes in ${ms} ms`);
}
