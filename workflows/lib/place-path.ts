/** A place of the run below another, without a leading slash: `items/3/steps/triage`. */
export const join = (...parts: (string | number)[]): string => parts.filter((part) => part !== '').join('/');
