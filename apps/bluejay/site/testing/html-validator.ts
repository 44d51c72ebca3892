/** What is wrong with a page, by the rules of HTML and of accessibility. */
import { HtmlValidate } from 'html-validate';

const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    // Templates leave empty lines and spaces where something is not there; compressed, they weigh nothing.
    'no-trailing-whitespace': 'off',
    'doctype-style': 'off',
    // SVG needs the slash, HTML does not.
    'void-style': 'off',
    // Titles are editors' texts.
    'long-title': 'off',
    // `role="list"` is what some browsers need for lists without bullets; `role="search"` is older than <search>.
    'prefer-native-element': 'off',
    // Phone numbers are written as the company writes them.
    'tel-non-breaking': 'off',
  },
});

/** One line for each finding; none for a good page. */
export const findHtmlMistakes = async (text: string): Promise<readonly string[]> => {
  const { results } = await validator.validateString(text);
  return results.flatMap(({ messages, source }) =>
    messages.map(
      ({ ruleId, message, line }) => `${ruleId}: ${message} at line ${line}: ${source?.split('\n')[line - 1]?.trim() ?? ''}`,
    ),
  );
};
