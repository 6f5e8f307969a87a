#!/usr/bin/env bash
# Terraform for the tests of packaging/aws/terraform: takes the AWS provider from an unpacked mirror where
# this machine has one, else from the registry, once, into .dev/.
#
#   terraform.sh ARGUMENTS…     runs terraform with them, in the current directory
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

have terraform ||
  fail "the tests of packaging/aws/terraform need terraform, 1.11 or newer: install it from https://developer.hashicorp.com/terraform/install"

# A folder laid out as `terraform providers mirror` does, at one of the usual places.
mirror() {
  local at
  for at in "${TF_PLUGIN_MIRROR:-}" "$HOME/.terraform.d/plugins" /usr/local/share/terraform/plugins \
    /usr/share/terraform/plugins /opt/*; do
    if [ -n "$at" ] && [ -d "$at/registry.terraform.io/hashicorp/aws" ]; then
      printf '%s\n' "$at"
      return
    fi
  done
}

# A configuration the user has, and says, wins.
if [ ! -f "${TF_CLI_CONFIG_FILE:-}" ]; then
  export TF_CLI_CONFIG_FILE=$DEV/terraform.rc
  found=$(mirror)
  if [ -n "$found" ]; then
    printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$found" >"$TF_CLI_CONFIG_FILE.$$"
  else
    mkdir -p "$DEV/terraform-providers"
    printf 'plugin_cache_dir = "%s"\n' "$DEV/terraform-providers" >"$TF_CLI_CONFIG_FILE.$$"
  fi
  mv "$TF_CLI_CONFIG_FILE.$$" "$TF_CLI_CONFIG_FILE"
fi
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
exec terraform "$@"
