# What ./run and ./test share: checks that end with one clear line, and the installation of missing system packages.
# shellcheck shell=bash

export DEBIAN_FRONTEND=noninteractive DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

fail() {
    echo "$1" >&2
    exit "${2:-1}"
}

require_linux_x64() {
    [[ "$(uname -s) $(uname -m)" == "Linux x86_64" ]] ||
        fail "This system is $(uname -s) $(uname -m); the engine's native library (libtorch) is packaged for Linux on x86_64 only."
}

require_dotnet() {
    # The official installer writes here and leaves PATH alone.
    if ! command -v dotnet >/dev/null && [[ -x ${DOTNET_ROOT:-$HOME/.dotnet}/dotnet ]]; then
        export DOTNET_ROOT=${DOTNET_ROOT:-$HOME/.dotnet}
        export PATH=$DOTNET_ROOT:$PATH
    fi
    command -v dotnet >/dev/null ||
        fail "The .NET SDK 10 is missing: install it as https://learn.microsoft.com/dotnet/core/install/linux describes, then run this again."
    local sdks
    sdks=$(dotnet --list-sdks | cut -d ' ' -f 1 | paste -sd ' ')
    [[ " $sdks" =~ \ 10\.0\.[1-9] ]] ||
        fail "The .NET SDK 10 is needed and only '${sdks:-no SDK}' is installed: install it as https://learn.microsoft.com/dotnet/core/install/linux describes, then run this again."
}

# Prints the major version of Node.js, 0 where there is none.
node_major() {
    local version
    version=$(node --version 2>/dev/null) || version=v0
    version=${version#v}
    echo "${version%%.*}"
}

require_node() {
    (( $(node_major) >= 18 )) ||
        fail "Node.js 18 or later is needed and this system's package is $(node --version 2>/dev/null || echo missing): run 'snap install node --classic' as root (or see https://nodejs.org/en/download), then run this again."
}

# The packages that ./run needs and that are missing, one a line.
missing_for_run() {
    (( $(node_major) >= 18 )) || echo nodejs
    command -v npm >/dev/null || echo npm
    command -v python3 >/dev/null || echo python3
    python3 -m pip --version >/dev/null 2>&1 || echo python3-pip
    command -v bwrap >/dev/null || echo bubblewrap
}

# Installs Debian packages without a question; where that is not allowed, one line says what to do.
install_packages() {
    (( $# > 0 )) || return 0
    local -a privileged=()
    local by_hand="apt-get update && apt-get install -y --no-install-recommends $*"
    command -v apt-get >/dev/null ||
        fail "Missing: $*. This system has no apt-get: install them with its package manager, then run this again."
    if (( EUID != 0 )); then
        sudo -n true 2>/dev/null || fail "Missing: $*. Run as root: $by_hand"
        privileged=(sudo -n env DEBIAN_FRONTEND=noninteractive)
    fi

    echo "Installing $* ..."
    local log
    log=$(mktemp)
    if ! { "${privileged[@]}" apt-get update -qq &&
        "${privileged[@]}" apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "Installing failed (above). When that is solved, run as root: $by_hand"
    fi
    rm -f "$log"
    hash -r
}

# Builds one project in Release. A build that succeeds is silent; one that fails shows all it said.
build_release() {
    local started=$SECONDS log
    log=$(mktemp)
    echo "Restoring and building $1 (the first time downloads packages, about 250 MB) ..."
    # Without node reuse and the compiler server no process stays behind that holds the caller's output open.
    if ! dotnet build "$1" --configuration Release --nologo --verbosity quiet -nodeReuse:false -p:UseSharedCompilation=false >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        fail "The build of $1 failed; the errors stand above."
    fi
    rm -f "$log"
    echo "Built in $(( SECONDS - started )) s."
}
