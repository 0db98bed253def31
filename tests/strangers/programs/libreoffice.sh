# SPDX-License-Identifier: MIT
# libreoffice: a page with tables and much text becomes an OpenDocument text, that a Word document and a PDF.
# Normalised: in the documents the date and what made it (meta.xml, docProps), and the numbers that are drawn at random for
# revisions (rsid); in the PDF its date and what is made of it (ID, DocChecksum).
packages='libreoffice-writer-nogui fonts-dejavu-core unzip' needs='soffice unzip' workers='soffice.bin'
version() { soffice --version; }

page() {
    echo '<html><head><title>A page</title></head><body><h1>A page</h1>'
    for ((i = 0; i < 120; i++)); do
        echo "<h2>Part $i</h2><p>Some <b>bold</b> and <i>slanted</i> text, number $i, and $(seq -s ', ' $((i % 30 + 5))).</p>"
        echo "<table border=1><tr><td>$i</td><td>$((i * i))</td><td>left</td></tr><tr><td colspan=3>all of it</td></tr></table>"
        echo "<ul><li>one<li>two <a href='#x$i'>to x$i</a><li>three</ul>"
    done
    echo '</body></html>'
}

convert() {
    soffice -env:UserInstallation="file://$PWD/profile" --headless --convert-to "$@" >convert.out 2>&1
    sed 's/ using filter.*//' convert.out
}

parts() {
    mkdir "$1.parts" && unzip -q -d "$1.parts" "$1" && rm -rf "$1.parts"/{meta.xml,docProps,Thumbnails} &&
        find "$1.parts" -name '*.xml' -exec sed -i -E -e 's/(officeooo:(para)?rsid|w:rsid[A-Za-z]*|w:rsid w:val)="[0-9A-Fa-f]+"//g' \
            -e 's/("Rsid(Root)?" config:type="int">)[0-9]+/\1/g' {} + &&
        sums "$1.parts"
}

work() {
    page >page.html
    convert odt:writer8 --infilter='HTML (StarWriter)' page.html && parts page.odt
    convert docx page.odt && parts page.docx
    convert pdf page.docx
    sed -E -e 's/(CreationDate|ModDate)\(D:[^)]*\)/\1/g' -e 's/DocChecksum \/[0-9A-F]+/DocChecksum/' \
        -e 's/^(\/ID \[ )?<[0-9A-F]{32}>.*/ID/' page.pdf | sha256sum
    grep -ac '^%%EOF' page.pdf
}
