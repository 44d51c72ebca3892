/** An editor who saves all the time, looks at once whether visitors see it, and remembers what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { waitUntil } from '@berth/testing';
import type { PanelClient } from '../../apps/bluejay/testing/panel-client.ts';

export type Shelf = { readonly category: { readonly id: number; readonly slug: string } };

type Saved = { readonly product: number; readonly mark: string };

const NEW_EVERY = 5;

/** Begins with the class; disposing ends it after what is being saved. */
export class Editor implements AsyncDisposable {
  /** Everything that was acknowledged, in its order. */
  readonly saved: Saved[] = [];
  readonly failures: string[] = [];
  requests = 0;
  readonly #panel: PanelClient;
  readonly #shelf: Shelf;
  readonly #name: string;
  readonly #products: { readonly id: number; readonly slug: string }[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #turn = 0;

  /** @param name in small letters; other editors have others */
  constructor(panel: PanelClient, shelf: Shelf, name: string) {
    this.#panel = panel;
    this.#shelf = shelf;
    this.#name = name;
    this.#done = this.#run();
  }

  /** Until so many more saves were acknowledged. */
  async more(saves: number, withinMs = 60_000): Promise<void> {
    const goal = this.saved.length + saves;
    await waitUntil(() => this.saved.length >= goal, { what: `${saves} more saves were acknowledged`, withinMs }).catch(
      (cause: unknown) => {
        throw new Error(`the editor is stuck: ${this.failures.slice(-3).join('; ')}`, { cause });
      },
    );
  }

  /** Marks that were acknowledged and are in no revision, and products that do not show the last one. */
  lost(database: string): string[] {
    using opened = new DatabaseSync(database, { readOnly: true });
    const kept = new Set(
      opened
        .prepare("SELECT record || ' ' || (draft ->> '$.fields.tagline') AS save FROM revisions WHERE type = 'product'")
        .all()
        .map(({ save }) => String(save)),
    );
    const last = new Map(this.saved.map(({ product, mark }) => [product, mark]));
    const shown = new Map(
      opened
        .prepare('SELECT id, tagline FROM products')
        .all()
        .map(({ id, tagline }) => [Number(id), String(tagline)]),
    );
    return [
      ...this.saved.filter(({ product, mark }) => !kept.has(`${product} ${mark}`)).map(({ mark }) => `${mark} has no revision`),
      ...[...last].filter(([product, mark]) => shown.get(product) !== mark).map(([, mark]) => `${mark} was replaced`),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
    this.#panel[Symbol.dispose]();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#turn += 1;
      await this.#save(`${this.#name}${this.#turn}`).catch((error: Error) =>
        this.failures.push(`${new Date().toISOString()} ${this.#name} ${error.message}`),
      );
      await sleep(5);
    }
  }

  /** Three requests: the form, the save, the page. */
  async #save(mark: string): Promise<void> {
    const { category } = this.#shelf;
    let product = this.#products[this.#turn % Math.max(1, this.#products.length)];
    this.requests += 2;
    const fields = { 'field.tagline': mark, status: 'published' };
    if (product === undefined || this.#turn % NEW_EVERY === 0) {
      const slug = `product-${mark}`;
      const given = {
        'field.name': slug,
        'field.sku': slug,
        'field.category': String(category.id),
        'field.description': '<p>New.</p>',
      };
      product = { id: await this.#panel.create('products', { ...given, ...fields }), slug };
      this.#products.push(product);
    } else await this.#panel.change('products', product.id, fields);
    this.saved.push({ product: product.id, mark });
    this.requests += 1;
    const page = await this.#panel.page(`/products/${category.slug}/${product.slug}`);
    // Whichever instance answers: it has to know what another one saved.
    if (!page.includes(mark)) throw new Error(`the page does not show what was saved just now: ${mark}`);
  }
}
