# SPDX-License-Identifier: MIT
# inkscape: a drawing with gradients, blur, clones and text becomes a picture, a PDF and a plain SVG; shapes are united.
# Normalised: the date in the PDF.
packages='inkscape fonts-dejavu-core' needs=inkscape workers=inkscape
version() { inkscape --version; }

drawing() {
    echo '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="600" height="600"><defs>
        <linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient>
        <filter id="f"><feGaussianBlur stdDeviation="3"/></filter></defs><g filter="url(#f)"><path id="p" d="M10,10 C 90,10 40,80 100,90 z"/></g>'
    for ((i = 0; i < 60; i++)); do
        echo "<rect id='r$i' x='$((i * 37 % 500))' y='$((i * 53 % 500))' width='$((i % 60 + 5))' height='30' fill='url(#g)' opacity='.6'/>"
        echo "<use xlink:href='#p' transform='translate($((i * 3)) $((i * 2))) rotate($i)'/>"
        echo "<text x='$((i * 17 % 500))' y='$((i * 29 % 580))' font-family='DejaVu Sans' font-size='$((i % 9 + 8))'>word $i</text>"
    done
    echo '</svg>'
}

work() {
    drawing >x.svg
    inkscape --export-type=png --export-filename=x.png x.svg >out 2>&1; echo "$?"
    inkscape --export-type=pdf --export-filename=x.pdf x.svg >>out 2>&1; echo "$?"
    inkscape --actions='select-all:groups;selection-ungroup;select-by-element:rect;path-union;export-filename:y.svg;export-plain-svg;export-do' \
        x.svg >>out 2>&1; echo "$?"
    sed -E -i '/CreationDate/d' x.pdf
    sums x.png x.pdf y.svg
}
