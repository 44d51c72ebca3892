// Starts the registry with its data in the store `data` and on $PORT; all other settings are in config.yaml.
import { join } from 'node:path';
import { parseConfigFile, runServer } from 'verdaccio';

const { STORE_DATA, PORT } = process.env;
if (!STORE_DATA || !PORT) throw new Error('set STORE_DATA (a directory that is kept) and PORT');

const configPath = join(import.meta.dirname, 'config.yaml');
const config = parseConfigFile(configPath);
const server = await runServer({
  ...config,
  configPath,
  self_path: configPath,
  storage: join(STORE_DATA, 'packages'),
  auth: { htpasswd: { ...config.auth.htpasswd, file: join(STORE_DATA, 'htpasswd') } },
});
server.listen(Number(PORT), '127.0.0.1');

// Stop taking connections, answer what has been asked, leave.
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
