# Both modules as a site would use them, in the account that moto plays. The test copies packaging/aws
# beside this file.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

variable "image_id" {
  type = string
}

variable "certificate_arn" {
  type = string
}

variable "redis_auth_token" {
  type      = string
  sensitive = true
}

data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

module "alone" {
  source = "./aws/terraform/standalone"

  stack                    = "preprod"
  image_id                 = var.image_id
  vpc_id                   = data.aws_vpc.default.id
  subnet_ids               = data.aws_subnets.default.ids
  load_balancer_subnet_ids = data.aws_subnets.default.ids
  allowed_cidrs            = ["10.0.0.0/8"]
  certificate_arn          = null
  secret_parameters        = { GITHUB_TOKEN = "planted-github-token" }

  enable_deletion_protection = false
}

module "ha" {
  source = "./aws/terraform/ha"

  stack                    = "prod"
  image_id                 = var.image_id
  vpc_id                   = data.aws_vpc.default.id
  subnet_ids               = data.aws_subnets.default.ids
  load_balancer_subnet_ids = data.aws_subnets.default.ids
  allowed_cidrs            = ["10.0.0.0/8", "192.168.0.0/16"]
  certificate_arn          = null
  bucket                   = "pipelines"
  redis_auth_token         = var.redis_auth_token
  spinnaker_release        = "2026.2.3"
  parameters               = { FIAT_ENABLED = "true" }

  enable_deletion_protection = false
}

module "elected" {
  source = "./aws/terraform/ha"

  stack                    = "elected"
  polling                  = "elect"
  health_check_type        = "ELB"
  image_id                 = var.image_id
  vpc_id                   = data.aws_vpc.default.id
  subnet_ids               = data.aws_subnets.default.ids
  load_balancer_subnet_ids = data.aws_subnets.default.ids
  allowed_cidrs            = ["10.0.0.0/8"]
  certificate_arn          = var.certificate_arn
  bucket                   = "pipelines"
  redis_auth_token         = var.redis_auth_token

  enable_deletion_protection = false
}

module "documents" {
  source = "./aws/terraform/documents"
}

output "everything" {
  value = { alone = module.alone, ha = module.ha, elected = module.elected }
}
