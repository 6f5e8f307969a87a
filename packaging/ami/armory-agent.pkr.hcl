# An AMI of a node: Docker Engine, the agent, the images of its roles.
#
#   packer init packaging/ami
#   packer build -var distribution=ubuntu -var package=target/armory-agent_0.1.0_amd64.deb packaging/ami

packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.3.0"
    }
  }
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "distribution" {
  description = "ubuntu or rhel"
  type        = string
  default     = "ubuntu"

  validation {
    condition     = contains(["ubuntu", "rhel"], var.distribution)
    error_message = "The distribution is ubuntu or rhel."
  }
}

variable "package" {
  description = "armory-agent's deb or rpm"
  type        = string
}

variable "roles" {
  description = "Whose images are in it, separated by blanks"
  type        = string
  default     = "standalone ha"
}

variable "spinnaker_release" {
  description = "Empty: what the agent's package brings"
  type        = string
  default     = ""
}

variable "spinnaker_registry" {
  description = "Empty: what the agent's package brings"
  type        = string
  default     = ""
}

variable "instance_profile" {
  description = "With ecr:GetAuthorizationToken and the right to pull, where images are in ECR; empty: none"
  type        = string
  default     = ""
}

variable "ssm_agent" {
  description = "Where SSM Agent's package is, on the machine or by address; no: none; empty: AWS' own, where there is none yet"
  type        = string
  default     = ""
}

variable "subnet_id" {
  type    = string
  default = null
}

locals {
  bases = {
    ubuntu = {
      name   = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"
      owners = ["099720109477"] # Canonical
      user   = "ubuntu"
    }
    rhel = {
      name   = "RHEL-9.*_HVM-*-x86_64-*-Hourly2-GP3"
      owners = ["309956199498"] # Red Hat
      user   = "ec2-user"
    }
  }
  base  = local.bases[var.distribution]
  stamp = formatdate("YYYYMMDD-hhmm", timestamp())
}

source "amazon-ebs" "node" {
  region               = var.region
  subnet_id            = var.subnet_id
  instance_type        = "m7i.large"
  iam_instance_profile = var.instance_profile
  ssh_username         = local.base.user
  ami_name             = "armory-agent-${var.distribution}-${local.stamp}"
  ami_description      = "Spinnaker node of armory-agent, roles ${var.roles}"
  encrypt_boot         = true
  imds_support         = "v2.0"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }

  launch_block_device_mappings {
    device_name           = "/dev/sda1"
    volume_size           = 40
    volume_type           = "gp3"
    delete_on_termination = true
  }

  source_ami_filter {
    owners      = local.base.owners
    most_recent = true

    filters = {
      name                = local.base.name
      virtualization-type = "hvm"
      root-device-type    = "ebs"
    }
  }

  tags = {
    "armory:roles" = var.roles
    Base           = "{{ .SourceAMIName }}"
  }
}

build {
  sources = ["source.amazon-ebs.node"]

  # A machine that is still being set up has its package manager locked.
  provisioner "shell" {
    inline = ["cloud-init status --wait || true", "mkdir -p /tmp/armory"]
  }

  provisioner "file" {
    sources     = [var.package, "${path.root}/install.sh"]
    destination = "/tmp/armory/"
  }

  provisioner "shell" {
    environment_vars = [
      "ROLES=${var.roles}",
      "SPINNAKER_RELEASE=${var.spinnaker_release}",
      "SPINNAKER_REGISTRY=${var.spinnaker_registry}",
      "SSM_AGENT=${var.ssm_agent}",
    ]
    execute_command = "sudo env {{ .Vars }} bash {{ .Path }}"
    inline = [
      "bash /tmp/armory/install.sh /tmp/armory/${basename(var.package)}",
    ]
  }
}
