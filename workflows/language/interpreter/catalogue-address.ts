const HOSTED = /^https:\/\/(github\.com|gitlab\.com)\/([^/]+)\/([^/]+?)(?:\.git)?(?:\/(?:-\/)?(?:tree|blob)\/(.+?))?$/;

/**
 * Where the files of a catalogue are to be had: a repository of GitHub or GitLab is shown as pages, and its files are
 * elsewhere. Any other address is the files' own. Without a branch that is `main`.
 */
export function rawAddress(address: string): string {
  const root = address.replace(/\/+$/, '');
  const [, host, owner, repository, path = 'main'] = HOSTED.exec(root) ?? [];
  if (host === 'github.com') return `https://raw.githubusercontent.com/${owner}/${repository}/${path}`;
  if (host === 'gitlab.com') return `https://gitlab.com/${owner}/${repository}/-/raw/${path}`;
  return root;
}
