/**
 * Text of others (labels, names, nodes' messages) made fit for a terminal: control and format characters, which
 * could move the cursor or hide text, become a visible sign. Line ends stay when they are asked for.
 */
export function printable(text: string, keep: 'lines' | 'nothing' = 'nothing'): string {
  return text.replace(/\p{C}/gu, (character) =>
    keep === 'lines' && character === '\n' ? character : '\u{fffd}',
  );
}
