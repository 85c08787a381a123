import { emailSend, emailTest } from '../connectors/email/email-send.action.js';
import * as changes from '../connectors/github/changes.action.js';
import * as githubIssues from '../connectors/github/issues.action.js';
import * as jiraIssues from '../connectors/jira/issues.action.js';
import { search } from '../connectors/jira/search.action.js';
import type { ConnectorAction, ConnectorTest } from '../connectors/lib/connector-action.js';
import { findUser, testSlack } from '../connectors/slack/find-user.action.js';
import { askApproval, postMessage, updateMessage } from '../connectors/slack/messages.action.js';
import { uploadFile } from '../connectors/slack/upload-file.action.js';
import { httpRequest } from '../connectors/web/http-request.action.js';
import { webhookSend } from '../connectors/webhook/webhook-send.action.js';
import type { CONNECTOR_FUNCTIONS, ConnectorFunction } from '../contracts/connector-functions.js';
import type { ProviderName } from '../contracts/providers.js';
import type { z } from 'zod';

type WithOf<Name extends ConnectorFunction> = z.infer<(typeof CONNECTOR_FUNCTIONS)[Name]['with']>;

/** Who carries out the functions of connectors. */
export const CONNECTOR_ACTIONS: { readonly [Name in ConnectorFunction]: ConnectorAction<WithOf<Name>> } = {
  'http.request': httpRequest,
  'email.send': emailSend,
  'webhook.send': webhookSend,
  'slack.postMessage': postMessage,
  'slack.updateMessage': updateMessage,
  'slack.askApproval': askApproval,
  'slack.uploadFile': uploadFile,
  'slack.findUser': findUser,
  'github.createIssue': githubIssues.createIssue,
  'github.addComment': githubIssues.addComment,
  'github.addLabels': githubIssues.addLabels,
  'github.openPullRequest': changes.openPullRequest,
  'github.createCheck': changes.createCheck,
  'github.dispatch': changes.dispatch,
  'jira.createIssue': jiraIssues.createIssue,
  'jira.addComment': jiraIssues.addComment,
  'jira.transition': jiraIssues.transition,
  'jira.search': search,
};

/** Test calls of providers whose record names no request for it. */
export const CONNECTOR_TESTS: { readonly [Name in ProviderName]?: ConnectorTest } = {
  email: emailTest,
  slack: testSlack,
};
