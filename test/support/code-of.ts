/** The code of a failure: of a problem, or of what A2A has instead. */
export function codeOf(body: unknown): string | undefined {
  const { code, error } = body as { code?: string; error?: { details: { metadata?: { code?: string } }[] } };
  return code ?? error?.details[0]?.metadata?.code;
}
