// client.rs: Rust 2021, with reqwest, jsonwebtoken (8 or 9), openssl and serde_json.
//     cargo add jsonwebtoken@9 openssl serde_json && cargo add reqwest --features blocking,json
// SPDX-License-Identifier: PostgreSQL
use jsonwebtoken::{decode, decode_header, jwk::JwkSet, Algorithm, DecodingKey, Validation};
use openssl::{base64::encode_block, rand::rand_bytes, sha::sha256};
use reqwest::Url;
use serde_json::Value;
use std::{collections::HashMap, env::var, error::Error};

fn url_safe(bytes: &[u8]) -> String {
    encode_block(bytes).replace('+', "-").replace('/', "_").replace('=', "")
}

fn random() -> Result<String, Box<dyn Error>> {
    let mut bytes = [0u8; 32];
    rand_bytes(&mut bytes)?;
    Ok(url_safe(&bytes))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (server, id, secret, redirect_uri) = (var("OAUTH_URL")?, var("CLIENT_ID")?, var("CLIENT_SECRET")?, var("REDIRECT_URI")?);
    let http = reqwest::blocking::Client::new();
    let config: Value = http.get(format!("{server}/.well-known/openid-configuration")).send()?.error_for_status()?.json()?;
    let text = |name: &str| config[name].as_str().unwrap_or_default().to_owned();
    let token = |form: &[(&str, &str)]| -> Result<Value, Box<dyn Error>> {
        let body = Url::parse_with_params(&server, form)?.query().unwrap_or_default().to_owned();
        let request = http.post(text("token_endpoint")).basic_auth(&id, Some(&secret))
            .header("Content-Type", "application/x-www-form-urlencoded").body(body);
        Ok(request.send()?.error_for_status()?.json()?)
    };
    let call = |token: &Value| -> Result<String, Box<dyn Error>> {
        let request = http.get(format!("{server}/api/")).bearer_auth(token["access_token"].as_str().unwrap_or_default());
        Ok(request.send()?.error_for_status()?.text()?)
    };

    // A token of the program's own.
    println!("client_credentials {}", call(&token(&[("grant_type", "client_credentials"), ("scope", "read")])?)?);

    // A person's: the browser goes to this address, and comes back with a code.
    let (state, nonce, verifier) = (random()?, random()?, random()?);
    let challenge = url_safe(&sha256(verifier.as_bytes()));
    println!("Open {}", Url::parse_with_params(&text("authorization_endpoint"), &[
        ("response_type", "code"), ("client_id", id.as_str()), ("redirect_uri", redirect_uri.as_str()), ("scope", "openid profile read"),
        ("state", state.as_str()), ("nonce", nonce.as_str()), ("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")])?);
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let back: HashMap<String, String> = Url::parse(line.trim())?.query_pairs().into_owned().collect();
    if back.get("state") != Some(&state) || back.get("iss") != Some(&text("issuer")) {
        return Err("an answer to another question".into());
    }
    let tokens = token(&[("grant_type", "authorization_code"), ("code", &back["code"]), ("redirect_uri", &redirect_uri), ("code_verifier", &verifier)])?;

    // The ID token.
    let id_token = tokens["id_token"].as_str().unwrap_or_default();
    let keys: JwkSet = http.get(text("jwks_uri")).send()?.error_for_status()?.json()?;
    let key = keys.find(&decode_header(id_token)?.kid.unwrap_or_default()).ok_or("no such key")?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[&id]);
    validation.set_issuer(&[text("issuer")]);
    let claims = decode::<Value>(id_token, &DecodingKey::from_jwk(key)?, &validation)?.claims;
    if claims["nonce"] != nonce.as_str() {
        return Err("an ID token of another login".into());
    }
    println!("id_token {}", claims["sub"].as_str().unwrap_or_default());
    println!("code {}", call(&tokens)?);
    Ok(())
}
