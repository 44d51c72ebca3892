/** What one value of a record is. A declaration says it once; columns, forms, checks, search and the API come from it. */

type Described = {
  readonly label: string;
  /** One sentence below the input. */
  readonly help?: string;
  /** A text may then not be empty, a choice or reference not be missing, a flag must be set. */
  readonly required?: boolean;
  /** Shown as a column of the admin list. */
  readonly column?: boolean;
  /** Heading of the form under which the input stands; default is the first one, "Content". */
  readonly section?: string;
};

export type ChoiceOption = { readonly value: string; readonly label: string };

export type TextFormat = 'plain' | 'email' | 'phone' | 'url' | 'link';

/** A single line. `link` is a URL or a path of this site; `url` is absolute, http or https. */
export type TextField = Described & {
  readonly kind: 'text';
  /** Characters (code points); default 255. */
  readonly max?: number;
  readonly format?: TextFormat;
  readonly default?: string;
  /** No two records may have the same, letter case aside. */
  readonly unique?: true;
};
/** Several lines of plain text; `max` characters, default 5,000. */
export type TextareaField = Described & { readonly kind: 'textarea'; readonly max?: number; readonly default?: string };
/** HTML, sanitised when it is written; `max` characters of HTML, default 200,000. */
export type RichTextField = Described & { readonly kind: 'richText'; readonly max?: number };
/** A whole number or none. */
export type NumberField = Described & {
  readonly kind: 'number';
  readonly min?: number;
  readonly max?: number;
  readonly default?: number;
};
/** With `onlyOne`, setting it takes it from every other record. */
export type FlagField = Described & { readonly kind: 'flag'; readonly default?: boolean; readonly onlyOne?: true };
/** A day, YYYY-MM-DD, or none. */
export type DateField = Described & { readonly kind: 'date' };
export type ChoiceField = Described & {
  readonly kind: 'choice';
  readonly options: readonly ChoiceOption[];
  readonly default: string;
};
/** `#RRGGBB`. */
export type ColorField = Described & { readonly kind: 'color'; readonly default: string };
/** A name from `html/icons.ts`, or ''. */
export type IconField = Described & { readonly kind: 'icon'; readonly default?: string };
/** Short texts, one per line in the form, a JSON array in the column. */
export type LinesField = Described & { readonly kind: 'lines'; readonly max?: number };
/** An image of the media library, by id, or none. Its alternative text is the library's. */
export type ImageField = Described & { readonly kind: 'image' };
/** A file of the media library, by id, or none. `leads`: given out only behind a form, by signed, expiring address. */
export type FileField = Described & { readonly kind: 'file'; readonly access: 'public' | 'leads' };
/** One record of another type, by id, or none. What is referred to cannot be deleted (`restrict`), or takes itself out (`clear`). */
export type ReferenceField = Described & {
  readonly kind: 'reference';
  readonly to: string;
  readonly onDelete: 'restrict' | 'clear';
};
/** Records of another type in an order, by id, in a link table. A deleted one leaves the list. */
export type ReferencesField = Described & { readonly kind: 'references'; readonly to: string; readonly max?: number };

/** What may also stand in a child list. */
export type PlainField =
  | TextField
  | TextareaField
  | RichTextField
  | NumberField
  | FlagField
  | DateField
  | ChoiceField
  | ColorField
  | IconField
  | LinesField
  | ImageField
  | FileField;

export type Field = PlainField | ReferenceField | ReferencesField;

/** What a field of a kind holds. Texts are '' when empty; whatever can be missing is null then. */
export type ValueOf<F extends Field> = F extends { readonly kind: 'number' | 'image' | 'file' | 'reference' }
  ? number | null
  : F extends { readonly kind: 'flag' }
    ? boolean
    : F extends { readonly kind: 'date' }
      ? string | null
      : F extends { readonly kind: 'lines' }
        ? readonly string[]
        : F extends { readonly kind: 'references' }
          ? readonly number[]
          : string;

export type Value = string | number | boolean | null | readonly string[] | readonly number[];
