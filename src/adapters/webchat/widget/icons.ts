const svgSpace = 'http://www.w3.org/2000/svg';

const paths = {
  send: 'M3.4 20.4 21 12 3.4 3.6 3.4 10l10 2-10 2z',
  down: 'M12 5v13m0 0 6-6m-6 6-6-6',
  file: 'M7 3h7l5 5v13H7zM14 3v5h5',
  close: 'M6 6l12 12M18 6 6 18',
} as const;

/** A drawing that means nothing by itself: the control around it has the name. */
export function icon(name: keyof typeof paths): SVGSVGElement {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svgSpace, 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}
