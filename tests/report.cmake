# cmake -DCASE=NAME -DPROGRAM=FILE -DSUBJECT=DIR -DWORK_DIR=DIR [-DBROWSER=FILE] [-DNIIVUE=FILE] -P report.cmake: what
# roi_extraction --report writes, for a run whose conditions have the names an attacker would choose.
#
#   page     the page is whole, needs nothing from elsewhere, and shows names as names; pictures lie beside the data
#   viewer   which files --viewer takes and refuses, and what they become
#   browser  a browser opens both from the disk without a complaint, and the view answers
#   reader   nothing to scroll sideways on a phone, the right colours light, dark and in print
#   drag     the view with niivue itself: the cross follows mouse, finger and keys, and shows what the files hold
cmake_minimum_required(VERSION 3.24)

set(hostile "<img/src=x>&face'")
set(pictures 02_mean_epi 03_p_values 04_p_values_thresholded 05_intersection 06_dilated_mask 07_components
    08_first_region 08_second_region 09_boxplots 10_event_averages)

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
file(READ "${SUBJECT}/subj2/labels.txt" labels)
string(REPLACE "face " "${hostile} " labels "${labels}")
file(WRITE "${WORK_DIR}/labels.txt" "${labels}")

# Stops the test unless the condition holds.
macro(require condition)
  cmake_language(EVAL CODE "
    if(NOT (${condition}))
      message(FATAL_ERROR [==[not so: ${condition}]==])
    endif()")
endmacro()

# Stops the test unless `page` holds a text, or a match of a regular expression.
function(has text)
  string(FIND "${page}" "${text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "the page does not hold ${text}")
  endif()
endfunction()
function(has_match pattern)
  if(NOT page MATCHES "${pattern}")
    message(FATAL_ERROR "the page does not match ${pattern}")
  endif()
endfunction()

# Runs the program on the hostile run; leaves what it says in `err`.
function(run status)
  execute_process(
    COMMAND "${PROGRAM}" --bold "${SUBJECT}/subj2/bold.nii.gz" --labels "${WORK_DIR}/labels.txt"
            --mask "${SUBJECT}/subj2/mask4_vt.nii.gz" --contrast "${hostile}" house --quiet ${ARGN}
    WORKING_DIRECTORY "${WORK_DIR}" RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL status)
    message(FATAL_ERROR "${ARGN}: expected status ${status}, found ${result}\n${out}${err}")
  endif()
  set(err "${err}" PARENT_SCOPE)
endfunction()

# How often a text occurs.
function(count_of text what variable)
  string(LENGTH "${text}" before)
  string(REPLACE "${what}" "" text "${text}")
  string(LENGTH "${text}" after)
  string(LENGTH "${what}" each)
  math(EXPR count "(${before} - ${after}) / ${each}")
  set(${variable} ${count} PARENT_SCOPE)
endfunction()

# Reads a page and stops the test unless it is whole, small and complete in itself.
function(read_page file)
  file(SIZE "${file}" size)
  require("size LESS 5000000")
  file(READ "${file}" page)
  foreach(part IN ITEMS "<!DOCTYPE html>" "<meta charset=\"utf-8\">" "name=\"viewport\"" "prefers-color-scheme: dark"
          "@media print" "id=\"regions\"" "id=\"figures\"" "id=\"conditions\"" "id=\"parameters\"" "id=\"warnings\""
          "id=\"versions\"" "</html>\n")
    has("${part}")
  endforeach()
  foreach(tag IN ITEMS section figure figcaption table script style svg main body html)
    string(REGEX MATCHALL "<${tag}[ >]" opened "${page}")
    list(LENGTH opened opened)
    count_of("${page}" "</${tag}>" closed)
    if(NOT opened EQUAL closed)
      message(FATAL_ERROR "${file}: ${opened} times <${tag}>, ${closed} times </${tag}>")
    endif()
  endforeach()
  # What a browser would fetch: nothing.
  string(REGEX MATCHALL "[ \n](src|href|xlink:href|srcset|action|poster|data)=[\"'][^\"']?[^\"']?[^\"']?[^\"']?[^\"']?"
         links "${page}")
  foreach(link IN LISTS links)
    if(NOT link MATCHES "=\"data:$")
      message(FATAL_ERROR "${file}: leads elsewhere, ${link}")
    endif()
  endforeach()
  require("links MATCHES \"xlink:href\" OR page MATCHES \"Left out: \"")
  if(page MATCHES "@import|url\\(|<(iframe|object|embed|base|img)[ />]")
    message(FATAL_ERROR "${file}: holds ${CMAKE_MATCH_0}")
  endif()
  set(page "${page}" PARENT_SCOPE)
endfunction()

function(case_page)
  run(0 --output out --report)
  require("err STREQUAL \"\"")
  read_page("${WORK_DIR}/out/report.html")
  has("<h1>Regions of interest: &lt;img/src=x&gt;&amp;face&#39; - house</h1>")
  string(FIND "${page}" "${hostile}" at)
  require("at EQUAL -1")
  foreach(name IN LISTS pictures ITEMS boxplot_1 boxplot_2 event_averages)
    if(name MATCHES "^(09|10)_")
      continue()
    elseif(page MATCHES "Left out: " AND NOT name MATCHES "^(boxplot|event)")
      has_match("<figure id=\"${name}\">\n<p class=\"quiet\">Left out: [^\n]*libpng")
    else()
      has_match("<figure id=\"${name}\">\n<svg [^\n]*\n")
    endif()
  endforeach()
  count_of("${page}" "<figcaption" captions)
  require("captions EQUAL 11")

  # One row of the table per region, with the numbers of the other results.
  file(STRINGS "${WORK_DIR}/out/roi_signals.tsv" header LIMIT_COUNT 1)
  string(REGEX MATCHALL "label_" regions "${header}")
  list(LENGTH regions regions)
  string(REGEX MATCH "<section id=\"regions\">.*<section id=\"figures\">" table "${page}")
  count_of("${table}" "<th scope=\"row\">" rows)
  require("regions GREATER 2 AND rows EQUAL regions")

  has("all volumes of each condition")

  file(GLOB drawn RELATIVE "${WORK_DIR}/out/figures" "${WORK_DIR}/out/figures/*.svg")
  list(SORT drawn)
  set(expected ${pictures})
  set(complete TRUE)
  if(page MATCHES "Left out: ")  # built without libpng: only drawings without slices
    set(expected 09_boxplots 10_event_averages)
    set(complete FALSE)
  endif()
  list(TRANSFORM expected APPEND ".svg")
  require("drawn STREQUAL expected")

  # Nothing found: a page all the same, and no picture of regions that an earlier run found.
  run(0 --output out --report --threshold 11)
  read_page("${WORK_DIR}/out/report.html")
  has("No voxel survives the threshold and the mask: the atlas is empty")
  require("page MATCHES \"07_components\" AND NOT page MATCHES \"08_first_region\"")
  require("NOT complete OR EXISTS [[${WORK_DIR}/out/figures/07_components.svg]]")
  foreach(name IN ITEMS 08_first_region 08_second_region 09_boxplots 10_event_averages)
    require("NOT EXISTS [[${WORK_DIR}/out/figures/${name}.svg]] AND NOT EXISTS [[${WORK_DIR}/out/figures/${name}.png]]")
  endforeach()

  # Without --report neither page nor pictures, and no interactive view without a page.
  run(0 --output plain)
  require("NOT EXISTS [[${WORK_DIR}/plain/report.html]] AND NOT EXISTS [[${WORK_DIR}/plain/figures]]")
  run(2 --output plain --viewer niivue.js)
  require("err MATCHES \"--viewer requires --report\"")
endfunction()

# As much of niivue as the page's script asks for; it goes to one place and says what is there.
set(stub [=[
globalThis.niivue = {};
const breaks = "</script><!-- <script>";
niivue.NVImage = class {
  static async loadFromBase64(options) {
    const image = Object.assign(new niivue.NVImage(), options);
    image.head = atob(options.base64).charCodeAt(0);
    return image;
  }
  setColormapLabel(map) { this.map = map; }
};
niivue.Niivue = class {
  volumes = []; scene = {}; calls = [];
  async attachToCanvas(canvas) { this.canvas = canvas; }
  addVolume(image) { this.volumes.push(image); }
  setInterpolation() {}
  updateGLVolume() {}
  setOpacity(index, value) { this.volumes[index].opacity = value; }
  mm2frac(mm) { this.mm = mm; return mm; }
  drawScene() {}
  createOnLocationChange() {
    const values = [7.5, this.volumes[1].head, this.volumes[2].map.I[1]].map((value) => ({ value }));
    this.onLocationChange({ mm: this.mm, values });
  }
};
]=])

function(write_stub)
  file(WRITE "${WORK_DIR}/stub.js" "${stub}")
endfunction()

function(refuses status says file)
  run(${status} --output refused --report --viewer "${file}")
  if(NOT err MATCHES "^roi_extraction: [^\n]*\n$" OR NOT err MATCHES "${says}" OR EXISTS "${WORK_DIR}/refused")
    message(FATAL_ERROR "--viewer ${file}: expected one line that says \"${says}\" and no results\n${err}")
  endif()
endfunction()

function(case_viewer)
  refuses(1 "nowhere.js: there is no such file" nowhere.js)
  refuses(1 "cannot be read as a file" "${WORK_DIR}")
  refuses(1 "found binary data|does not define Niivue" "${SUBJECT}/subj2/mask4_vt.nii.gz")
  file(WRITE "${WORK_DIR}/page.js" "\n <!DOCTYPE html><title>Not found</title> Niivue")
  refuses(1 "page.js: .*@niivue/niivue, found a page of HTML or XML" page.js)
  file(WRITE "${WORK_DIR}/empty.js" " \n")
  refuses(1 "found an empty file" empty.js)
  file(WRITE "${WORK_DIR}/other.js" "console.log('Niivue')")
  refuses(1 "found a text that does not define Niivue" other.js)
  string(REPEAT "/* niivue.Niivue = 1 */\n" 740000 large)
  file(WRITE "${WORK_DIR}/large.js" "${large}")
  refuses(1 "found a file of 16 MB, where 16 MB is the most" large.js)
  file(REMOVE "${WORK_DIR}/large.js")

  write_stub()
  run(0 --output out --report --viewer stub.js)
  read_page("${WORK_DIR}/out/report.html")
  has("Copyright (c) 2021, Niivue")
  has("<canvas id=\"view-planes\"")
  foreach(id IN ITEMS image-mean image-map image-atlas view-data view-code)
    # Each is a gzip member in base64.
    has_match("<script type=\"text/plain\" id=\"${id}\">H4sI[A-Za-z0-9+/]+=*</script>")
  endforeach()
  string(FIND "${page}" "const breaks" at)
  require("at EQUAL -1")

  file(WRITE "${WORK_DIR}/module.mjs" "${stub}\nconst { Niivue, NVImage } = niivue;\nexport { Niivue, NVImage };\n")
  run(0 --output out --report --viewer module.mjs)
endfunction()

# Opens a page as a person would; leaves its elements in `page` once its scripts have run.
function(browse file)
  execute_process(
    COMMAND "${BROWSER}" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run
            --disable-background-networking --disable-component-update --disable-sync --use-angle=swiftshader
            --enable-unsafe-swiftshader --enable-logging=stderr --window-size=1200,900 --virtual-time-budget=20000
            "--user-data-dir=${WORK_DIR}/profile" --dump-dom "file://${file}"
    TIMEOUT 120 RESULT_VARIABLE result OUTPUT_VARIABLE page ERROR_VARIABLE log)
  require("result EQUAL 0")
  if(log MATCHES "[^\n]*CONSOLE[^\n]*")
    message(FATAL_ERROR "${file}: ${CMAKE_MATCH_0}")
  endif()
  set(page "${page}" PARENT_SCOPE)
endfunction()

# Stops the script, as skipped, unless a program or file was found.
macro(needs found what)
  if(NOT EXISTS "${found}")
    message("skipped: ${what}")
    return()
  endif()
endmacro()

function(case_browser)
  needs("${BROWSER}" "no Chromium is installed (Debian: apt-get install chromium)")
  run(0 --output plain --report)
  browse("${WORK_DIR}/plain/report.html")
  has("<h1>Regions of interest: &lt;img/src=x&gt;&amp;face' - house</h1>")
  has("id=\"versions\"")
  require("NOT page MATCHES \"<img\"")

  write_stub()
  file(WRITE "${WORK_DIR}/module.mjs" "${stub}\nconst { Niivue, NVImage } = niivue;\nexport { Niivue, NVImage };\n")
  foreach(viewer IN ITEMS stub.js module.mjs)
    run(0 --output view --report --viewer ${viewer})
    browse("${WORK_DIR}/view/report.html")
    if(page MATCHES "id=\"view-state\"[^>]*>(This view needs|The view cannot)[^<]*")
      message(FATAL_ERROR "${viewer}: ${CMAKE_MATCH_0}")
    endif()
    # The first byte of a gzip member is 31.
    has("id=\"here-mean\">7.50000<")
    has("id=\"here-log-p\">31.000<")
    has("id=\"here-label\">1<")
    has("Region 1: its signal in every volume")
    has("</i>&lt;img/src=x&gt;&amp;face'")
    string(REGEX MATCH "class=\"signal\" d=\"[^\"]*\"" course "${page}")
    string(REGEX MATCHALL "[ML]" points "${course}")
    list(LENGTH points points)
    require("points EQUAL 300")
  endforeach()
endfunction()

# Lets report_in_browser.py loose on a page.
macro(read_in_browser)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env PYTHONDONTWRITEBYTECODE=1
            "${python}" "${CMAKE_CURRENT_LIST_DIR}/report_in_browser.py" "${BROWSER}" ${ARGN}
    TIMEOUT 400 RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT result STREQUAL "0")
    message(FATAL_ERROR "${result}: ${said}")
  endif()
endmacro()

function(case_reader)
  find_program(python NAMES python3 python NO_CACHE)
  needs("${BROWSER}" "no Chromium is installed (Debian: apt-get install chromium)")
  needs("${python}" "no Python is installed (Debian: apt-get install python3)")
  run(0 --output out --report)
  read_in_browser("${WORK_DIR}/out/report.html")
endfunction()

function(case_drag)
  find_program(python NAMES python3 python NO_CACHE)
  needs("${BROWSER}" "no Chromium is installed (Debian: apt-get install chromium)")
  needs("${python}" "no Python is installed (Debian: apt-get install python3)")
  needs("${NIIVUE}" "no niivue (npm pack @niivue/niivue, unpack it, configure with -DROI_NIIVUE=.../dist/niivue.umd.js)")
  run(0 --output out --report --viewer "${NIIVUE}")
  read_in_browser("${WORK_DIR}/out/report.html" "${WORK_DIR}/out")
endfunction()

cmake_language(CALL case_${CASE})
