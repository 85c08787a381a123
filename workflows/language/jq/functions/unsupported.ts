const STREAM = 'a program sees its one input only';
const ENVIRONMENT = 'a workflow has no environment';
const DEBUG = 'a workflow has no output to debug to';
const SQL = 'SQL-style operators are left out';
const LOCAL_TIME = 'local time would differ between workers';
const MODULES = 'modules are left out';
const HALT = 'a workflow is not a process';

/** Functions of jq that this interpreter leaves out on purpose, with the reason a compile error gives. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  input: STREAM,
  inputs: STREAM,
  input_filename: STREAM,
  input_line_number: STREAM,
  env: ENVIRONMENT,
  debug: DEBUG,
  stderr: DEBUG,
  INDEX: SQL,
  GROUP_BY: SQL,
  UNIQUE_BY: SQL,
  JOIN: SQL,
  IN: SQL,
  localtime: LOCAL_TIME,
  strflocaltime: LOCAL_TIME,
  modulemeta: MODULES,
  get_search_list: MODULES,
  get_jq_origin: MODULES,
  get_prog_origin: MODULES,
  halt: HALT,
  halt_error: HALT,
};
