import type { Incident } from '../contracts/incident.ts';
import { type CliContext, type ExitCode, exitDone } from './context.ts';
import { agoText } from './instant.ts';
import { incidentItem } from './item.ts';
import { type ListOptions, type ListView, listDocument, printList } from './list.ts';
import { findDatabase, withRecords } from './location.ts';

export interface IncidentsOptions extends ListOptions {
  readonly open?: boolean;
}

/** `readback incidents`: what an operator should know. */
export async function incidentsCommand(
  context: CliContext,
  options: IncidentsOptions,
): Promise<ExitCode> {
  const file = await findDatabase(context, options);
  const nowMs = (await context.parts.createRuntime()).wallMs();
  const document = await withRecords(context, file, async (records) => {
    const page = await records.incidents.list(options.open ? { open: true } : {}, {
      limit: options.limit,
      after: options.after,
    });
    return listDocument(page, page.rows.map(incidentItem));
  });
  printList(context, options, { document, view: view(options, nowMs) });
  return exitDone;
}

function view(options: IncidentsOptions, nowMs: number): ListView<Incident> {
  return {
    command: `readback incidents${options.open ? ' --open' : ''}`,
    none: options.open ? 'No open incidents' : 'No incidents',
    columns: [
      { title: 'SEQ', cell: (incident) => String(incident.seq), align: 'end' },
      { title: 'KIND', cell: (incident) => incident.kind },
      {
        title: 'STATE',
        cell: (incident) => (incident.closedAtMs === undefined ? 'open' : 'closed'),
      },
      { title: 'COUNT', cell: (incident) => String(incident.count), align: 'end' },
      { title: 'OPENED', cell: (incident) => agoText(incident.openedAtMs, nowMs), align: 'end' },
      { title: 'LAST', cell: (incident) => agoText(incident.lastAtMs, nowMs), align: 'end' },
      { title: 'ABOUT', cell: (incident) => incident.key },
      { title: 'REASON', cell: (incident) => incident.reason },
    ],
  };
}
