/** A blog from elsewhere, as its own format was understood. */
export type ForeignPost = {
  readonly title: string;
  readonly slug: string;
  readonly excerpt: string;
  /** As it was written; made harmless when it comes in. */
  readonly html: string;
  readonly status: 'draft' | 'published';
  readonly publishedAtMs: number | undefined;
  /** Slugs. The first category counts. */
  readonly categories: readonly string[];
  readonly tags: readonly string[];
  readonly author: string;
  /** Address of the picture above the text. */
  readonly picture: string | undefined;
  /** '' when nobody wrote one. */
  readonly pictureAlt: string;
  /** Where it was: `/2024/03/pumps/`. */
  readonly oldPath: string | undefined;
};

export type ForeignBlog = {
  readonly categories: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly authors: ReadonlyMap<string, { readonly name: string; readonly email: string; readonly bio: string }>;
  /** Alternative texts by address of the picture, without sizes. */
  readonly alts: ReadonlyMap<string, string>;
  readonly posts: readonly ForeignPost[];
};

/** A path of an address, without host; undefined for what is no address. */
export const pathOfAddress = (address: string): string | undefined => URL.parse(address, 'http://here.invalid')?.pathname;

/** More is not read: its text and what is made of it have to be in memory together. */
export const MOST_BYTES = 200 * 2 ** 20;
