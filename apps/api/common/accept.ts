/** Whether an `Accept` header (RFC 9110 §12.5.1) lets one of these media types through. */
export function accepts(header: string | undefined, types: readonly string[]): boolean {
  if (header === undefined || header.trim() === '') return true;
  const ranges = header.toLowerCase().split(',').map(readRange);
  return types.some((type) => {
    const fitting = ranges.filter(({ range }) => fits(range, type)).sort((a, b) => b.range.length - a.range.length);
    return fitting[0] !== undefined && fitting[0].quality > 0;
  });
}

function readRange(text: string): { range: string; quality: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { range, quality: quality === undefined ? 1 : Number(quality) || 0 };
}

function fits(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}
