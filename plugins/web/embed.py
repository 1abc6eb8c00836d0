#!/usr/bin/env python3
"""Writes the page's files into one C++ source: embed.py OUTPUT FILE…"""
import os
import sys

TYPES = {
    '.html': 'text/html; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.svg': 'image/svg+xml',
}


def main():
    output, *files = sys.argv[1:]
    with open(output, 'w') as out:
        out.write('#include "web/pagefile.hpp"\n\nnamespace web {\nnamespace {\n')
        for index, path in enumerate(files):
            with open(path, 'rb') as file:
                data = file.read()
            out.write(f'const unsigned char file{index}[] = {{')
            out.write(','.join(str(byte) for byte in data))
            out.write('};\n')
        out.write('} // namespace\n\nconst PageFile pageFiles[] = {\n')
        for index, path in enumerate(files):
            name = os.path.basename(path)
            kind = TYPES[os.path.splitext(name)[1]]
            out.write(f'    {{"{name}", "{kind}", file{index}, sizeof file{index}}},\n')
        out.write(f'}};\nconst std::size_t pageFileCount = {len(files)};\n\n}} // namespace web\n')


main()
