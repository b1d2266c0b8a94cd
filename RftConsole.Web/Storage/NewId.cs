using System.Security.Cryptography;

namespace RftConsole.Web.Storage;

/// <summary>Ids that stand in addresses and folder names: 60 random bits without letters that are mistaken for digits.</summary>
internal static class NewId
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    public static string Create() => RandomNumberGenerator.GetString(Alphabet, 12);
}
