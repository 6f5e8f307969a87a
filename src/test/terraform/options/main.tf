# Everything that can be chosen, planned and never made. The test copies packaging/aws beside this file.

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
  skip_requesting_account_id  = true
}

variable "image_id" {
  type = string
}

variable "redis_auth_token" {
  type      = string
  sensitive = true
}

locals {
  vpc         = "vpc-0123456789abcdef0"
  subnets     = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  certificate = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
  key         = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012"
}

module "spot" {
  source = "./aws/terraform/ha"

  stack                           = "spot"
  polling                         = "elect"
  image_id                        = var.image_id
  vpc_id                          = local.vpc
  subnet_ids                      = local.subnets
  load_balancer_subnet_ids        = local.subnets
  allowed_cidrs                   = ["10.0.0.0/8"]
  certificate_arn                 = local.certificate
  bucket                          = "pipelines"
  redis_auth_token                = var.redis_auth_token
  min_size                        = 3
  max_size                        = 9
  ignore_desired_capacity_changes = true
  kms_key_arn                     = local.key
  additional_security_group_ids   = ["sg-0123456789abcdef0"]
  iam_role_permissions_boundary   = "arn:aws:iam::123456789012:policy/boundary"
  iam_role_policies               = { deploy = "arn:aws:iam::123456789012:policy/deploy" }
  support_bucket                  = "support"
  access_logs                     = { bucket = "logs" }
  user_data                       = "#!/bin/sh\ntouch /marker\n"
  parameters                      = { LOGGING_PROFILE = "awslogs" }

  mixed_instances_policy = {
    instances_distribution = { on_demand_base_capacity = 1, on_demand_percentage_above_base_capacity = 0 }
    override               = [{ instance_type = "m7i.2xlarge" }, { instance_type = "m7a.2xlarge" }]
  }
}

module "warm" {
  source = "./aws/terraform/ha"

  stack                      = "warm"
  image_id                   = var.image_id
  vpc_id                     = local.vpc
  subnet_ids                 = local.subnets
  load_balancer_subnet_ids   = local.subnets
  allowed_cidrs              = ["10.0.0.0/8"]
  certificate_arn            = null
  bucket                     = "pipelines"
  redis_auth_token           = var.redis_auth_token
  desired_capacity           = 3
  enable_deletion_protection = false
  warm_pool                  = { min_size = 1, instance_reuse_policy = { reuse_on_scale_in = true } }
  parameters                 = { LOGGING_PROFILE = "awslogs", AWSLOGS_GROUP = "mine", AWSLOGS_CREATE_GROUP = "true" }
}

module "alone" {
  source = "./aws/terraform/standalone"

  stack                         = "alone"
  image_id                      = var.image_id
  vpc_id                        = local.vpc
  subnet_ids                    = local.subnets
  load_balancer_subnet_ids      = local.subnets
  allowed_cidrs                 = ["10.0.0.0/8"]
  certificate_arn               = local.certificate
  kms_key_arn                   = local.key
  iam_role_permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  access_logs                   = { bucket = "logs", prefix = "alone" }
  user_data                     = "#cloud-config\n"
  secret_parameters             = { GITHUB_TOKEN = "planted-github-token" }
}
