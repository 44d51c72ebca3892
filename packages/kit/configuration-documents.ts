/** The configuration for people: rows, a Markdown table for the README, and an example file. */
import { defaultText, type Variables } from './configuration.ts';
import type { Variable } from './variables.ts';

export type VariableRow = {
  readonly name: string;
  readonly type: string;
  /** As text: `empty`, `none` for an optional variable, `required` for one that must be set. */
  readonly default: string;
  readonly doc: string;
  readonly aliases: readonly string[];
};

/** One row for each variable, in their order. */
export const describeConfiguration = (variables: Variables): VariableRow[] =>
  Object.entries(variables).map(([name, variable]) => ({
    name,
    type: variable.type,
    default: shownDefault(variable),
    doc: variable.doc,
    aliases: variable.aliases,
  }));

/** A Markdown table of all variables, ending with a newline. */
export const renderConfigurationTable = (variables: Variables): string => {
  const rows = describeConfiguration(variables).map(({ name, type, doc, aliases, ...row }) => {
    const also = aliases.length === 0 ? '' : ` (also read as ${aliases.map((alias) => `\`${alias}\``).join(', ')})`;
    const shown = ['empty', 'none', 'required'].includes(row.default) ? row.default : `\`${row.default}\``;
    return [`\`${name}\``, shown, type, `${doc}${also}`];
  });
  return [['Variable', 'Default', 'Type', 'Meaning'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |\n`)
    .join('');
};

/**
 * An `.env.example`: each variable with its meaning, set to `values`, to what is recommended in production, or to its default.
 * A secret is always left empty.
 */
export const renderExampleFile = (variables: Variables, values: Readonly<Record<string, string>> = {}): string =>
  Object.entries(variables)
    .map(([name, variable]) => {
      const fallback = shownDefault(variable);
      const lines = [
        `# ${variable.doc.replaceAll(/\s*\n\s*/g, '\n# ')}`,
        `# ${variable.type}; ${DEFAULT_WORDS[fallback] ?? `default ${fallback}`}`,
      ];
      return `${lines.join('\n')}\n${name}=${shellWord(variable.secret ? '' : (values[name] ?? exampleText(variable)))}\n`;
    })
    .join('\n');

const DEFAULT_WORDS: Readonly<Record<string, string>> = { required: 'required', none: 'optional', empty: 'default empty' };

const exampleText = <T>(variable: Variable<T>): string =>
  variable.production === undefined ? (defaultText(variable) ?? '') : variable.render(variable.production);

const shownDefault = <T>(variable: Variable<T>): string => {
  if (variable.fallback === undefined) return 'required';
  const text = defaultText(variable);
  if (text === null) return 'none';
  return text === '' ? 'empty' : text;
};

/** As every reader of such files understands it: plain where it can be, else in double quotes. */
const shellWord = (value: string): string =>
  /^[\w./:@,+=-]*$/.test(value) ? value : `"${value.replaceAll(/["\\$`]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"`;
