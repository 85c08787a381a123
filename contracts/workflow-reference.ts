/** The parts of `namespace/name:version`; `version` is `latest` where it names none. */
export function readReference(reference: string): { namespace: string; name: string; version: string } {
  const [, namespace = '', name = '', version = 'latest'] = /^([^/]+)\/([^:]+)(?::(.+))?$/.exec(reference) ?? [];
  return { namespace, name, version };
}
