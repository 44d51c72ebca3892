/** Brings an artifact to a server: streamed into tar there, proven file by file, and in its place by one rename. */
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import type { Artifact } from './artifact.ts';
import { uploadBusy, uploadFailed } from './errors.ts';
import type { Connection } from './ssh-connection.ts';

/** Whether it is there, and every file of it is what it should be. */
export const isUploaded = async (connection: Connection, { id, hash }: Pick<Artifact, 'id' | 'hash'>): Promise<boolean> => {
  const { code } = await connection.run(['sh', '-c', CHECK, 'sh', id, hash]);
  return code === 0;
};

/** Throws SERVER_UPLOAD_FAILED, SERVER_INSTALL_BUSY, SSH_CONNECTION_LOST. Nothing that is in use changes before the end. */
export const upload = async (
  connection: Connection,
  { file, id, hash }: Artifact,
  onBytes: (sent: number) => void,
): Promise<void> => {
  let sent = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      onBytes(sent);
      done(null, chunk);
    },
  });
  const input = createReadStream(file, { highWaterMark: 256 * 1_024 }).pipe(counting);
  const { code, stderr } = await connection.run(['sh', '-c', UNPACK, 'sh', id, hash], { input });
  if (code === BUSY) throw uploadBusy(connection.destination.host);
  if (code !== 0) throw uploadFailed(connection.destination.host, stderr);
};

const BUSY = 75;
/** What a connection that broke off left running ends soon: its input has ended. */
const BUSY_LIMIT_S = 120;

const PROVEN = `[ "$(sha256sum SHA256SUMS | cut -d ' ' -f 1)" = "$2" ] && sha256sum --check --quiet --strict SHA256SUMS >&2 && node_modules/.bin/node --version >/dev/null`;

const CHECK = `exec </dev/null; cd "/usr/lib/berth/$1" 2>/dev/null && ${PROVEN}`;

/** The lock goes with this shell, so that what an upload left that was cut off is rubbish for whoever holds it next. */
const UNPACK = `set -eu
umask 022
mkdir -p /usr/lib/berth
cd /usr/lib/berth
exec 9</usr/lib/berth
flock -w ${BUSY_LIMIT_S} 9 || exit ${BUSY}
rm -rf .making .replaced
mkdir .making
tar -xzf - --no-same-owner -C .making
cd .making
${PROVEN} || { echo "what arrived is not what was sent" >&2; exit 1; }
cd ..
sync
[ ! -e "$1" ] || mv "$1" .replaced
mv .making "$1"
sync
rm -rf .replaced`;
