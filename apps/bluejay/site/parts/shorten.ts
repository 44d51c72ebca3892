/** The beginning of a text, at the end of a word. */
export const shorten = (text: string, characters: number): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= characters) return line;
  const cut = line.slice(0, characters);
  const end = cut.lastIndexOf(' ');
  return `${(end > characters / 2 ? cut.slice(0, end) : cut).replace(/[,;:.\s]+$/, '')} …`;
};
