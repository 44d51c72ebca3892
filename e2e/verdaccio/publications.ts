import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { ask, type RegistryAddress } from './registry-client.ts';

type Packument = {
  readonly versions: Readonly<Record<string, { readonly dist: { readonly integrity: string; readonly tarball: string } }>>;
};

/** What the registry has acknowledged: from then on it must have it, for ever and unchanged. */
export class Publications {
  readonly #integrities = new Map<string, string>();
  readonly #address: RegistryAddress;

  constructor(address: RegistryAddress) {
    this.#address = address;
  }

  get count(): number {
    return this.#integrities.size;
  }

  /** The bare request that a client sends. The content need not be a real archive for a registry. */
  async publishOverHttp(name: string, version: string, token: string): Promise<void> {
    const archive = gzipSync(`${name}@${version}\n`.repeat(500));
    const integrity = integrityOf(archive);
    const file = `${name}-${version}.tgz`;
    const tarball = `https://${this.#address.host}:${this.#address.port}/${name}/-/${file}`;
    const shasum = createHash('sha1').update(archive).digest('hex');
    const body = {
      _id: name,
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { name, version, _id: `${name}@${version}`, dist: { integrity, shasum, tarball } } },
      _attachments: {
        [file]: { content_type: 'application/octet-stream', data: archive.toString('base64'), length: archive.length },
      },
    };
    const answer = await ask(this.#address, `/${name}`, { method: 'PUT', body: JSON.stringify(body), token });
    if (answer.status !== 201)
      throw new Error(`PUT /${name} ${version}: ${answer.status} ${answer.body.toString().slice(0, 200)}`);
    this.#integrities.set(`${name}@${version}`, integrity);
  }

  /** Takes down what a client that is not ours has just published. */
  async remember(name: string, version: string): Promise<void> {
    const integrity = (await this.#packument(name)).versions[version]?.dist.integrity;
    if (integrity === undefined) throw new Error(`${name}@${version} was published and is not there`);
    this.#integrities.set(`${name}@${version}`, integrity);
  }

  /** One that is picked at random, so that old ones are asked for as well as new ones. */
  async download(): Promise<void> {
    const all = [...this.#integrities.keys()];
    const [name = '', version = ''] = all[Math.floor(Math.random() * all.length)]?.split('@') ?? [];
    if (name !== '') await this.#verify(name, version);
  }

  async verifyAll(): Promise<void> {
    for (const key of this.#integrities.keys()) {
      const [name = '', version = ''] = key.split('@');
      await this.#verify(name, version);
    }
  }

  async #verify(name: string, version: string): Promise<void> {
    const expected = this.#integrities.get(`${name}@${version}`);
    const listed = (await this.#packument(name)).versions[version];
    assert.ok(listed, `${name}@${version} was acknowledged and is gone`);
    assert.equal(listed.dist.integrity, expected, `${name}@${version} is listed with another integrity`);
    const answer = await ask(this.#address, new URL(listed.dist.tarball).pathname);
    if (answer.status !== 200) throw new Error(`GET ${listed.dist.tarball}: ${answer.status}`);
    assert.equal(integrityOf(answer.body), expected, `${name}@${version} has other bytes`);
  }

  async #packument(name: string): Promise<Packument> {
    const answer = await ask(this.#address, `/${name}`);
    if (answer.status !== 200) throw new Error(`GET /${name}: ${answer.status} ${answer.body.toString().slice(0, 200)}`);
    return JSON.parse(answer.body.toString()) as Packument;
  }
}

const integrityOf = (bytes: Buffer): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
