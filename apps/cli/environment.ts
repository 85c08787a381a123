/** Settings by name, as the operating system gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** This process's environment. The command line takes it from here and nowhere else. */
export const environment: Environment = process.env;
